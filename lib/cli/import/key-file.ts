import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { wrongUsage } from "#lib/cli/failure";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";

const Entry = z.strictObject({
  provider: z.enum(PROVIDER_TYPE_NAMES, {
    error: ({ input }) =>
      `${JSON.stringify(input) ?? "nothing"} is none of ${PROVIDER_TYPE_NAMES.join(", ")}. What speaks OpenAI's dialect is "openai-compatible", with a "base_url".`,
  }),
  api_key: z.string({ error: "must be a text" }).trim().min(1, "must not be empty"),
  /** Where the provider is, for types that have no address of their own. */
  base_url: z.url("must be a URL").optional(),
});
const KeyFile = z.strictObject({ virtual_keys: z.record(z.string().min(1, "a key is empty"), Entry) });

/** A provider that the file names, under the name that it gets here. */
export type FileProvider = { name: string; type: string; apiKey: string; baseUrl: string | undefined };
/** A key that clients have, to be kept as it is, and the provider that it is for. */
export type FileKey = { key: string; label: string; provider: FileProvider };

/**
 * Reads a file of virtual keys: `{"virtual_keys": {"<key>": {"provider", "api_key", "base_url"?}}}`.
 * @throws CliError "usage" that names every entry which is wrong
 */
export function readKeyFile(path: string): FileKey[] {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw wrongUsage(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseKeyFile(content, path);
}

/** @throws CliError "usage" that names every entry which is wrong */
export function parseKeyFile(content: string, path: string): FileKey[] {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw wrongUsage(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = KeyFile.safeParse(json);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${place(issue.path)}: ${issue.message}`);
    throw wrongUsage(
      `${path} is not as it must be:\n${lines.join("\n")}`,
      'It must be: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}',
    );
  }
  return Object.entries(parsed.data.virtual_keys).map(([key, entry]) => ({
    key,
    label: masked(key),
    provider: providerOf(entry),
  }));
}

/** Those of the keys' providers that differ. */
export function distinctProviders(keys: readonly FileKey[]): FileProvider[] {
  return [...new Map(keys.map(({ provider }) => [provider.name, provider])).values()];
}

/**
 * The name comes from the credentials, so that importing again finds the provider that is there. Eight
 * digits of a digest give nothing away of a provider's key, which is long and random.
 */
function providerOf({
  provider: type,
  api_key: apiKey,
  base_url: baseUrl,
}: z.output<typeof Entry>): FileProvider {
  const digest = createHash("sha256").update(JSON.stringify([type, baseUrl ?? null, apiKey]));
  return { name: `${type}-${digest.digest("hex").slice(0, 8)}`, type, apiKey, baseUrl };
}

/** Enough of a key to find it in the file, and too little to use it. */
export function masked(key: string): string {
  return key.length < 20 ? `${key.slice(0, 2)}…` : `${key.slice(0, 6)}…${key.slice(-2)}`;
}

function place(path: readonly PropertyKey[]): string {
  const [top, key, ...rest] = path.map(String);
  if (top === undefined) return "the file";
  return [top, ...(key === undefined ? [] : [`"${masked(key)}"`]), ...rest].join(".");
}
