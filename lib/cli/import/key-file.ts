import { createHash } from "node:crypto";
import { z } from "zod";
import { wrongUsage } from "#lib/cli/failure";
import { readTextFile } from "#lib/cli/read-text-file";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";

const Entry = z.strictObject({
  provider: z.enum(PROVIDER_TYPE_NAMES, {
    error: ({ input }) =>
      `${JSON.stringify(input) ?? "nothing"} is not one of ${PROVIDER_TYPE_NAMES.join(", ")}. For another API that is compatible with OpenAI's, use "openai-compatible" and a "base_url".`,
  }),
  api_key: z.string({ error: "must be a string" }).trim().min(1, "must not be empty"),
  /** For types without a default address. */
  base_url: z.url("must be a URL").optional(),
});
const KeyFile = z.strictObject({ virtual_keys: z.record(z.string().min(1, "a key is empty"), Entry) });

/** A provider in the file, with the name it gets here. */
export type FileProvider = { name: string; type: string; apiKey: string; baseUrl: string | undefined };
/** A key that clients already use, and its provider. */
export type FileKey = { key: string; label: string; provider: FileProvider };

/**
 * Reads a file of virtual keys: `{"virtual_keys": {"<key>": {"provider", "api_key", "base_url"?}}}`.
 * @throws CliError "usage" that names every invalid entry
 */
export function readKeyFile(path: string): FileKey[] {
  return parseKeyFile(readTextFile(path), path);
}

/** @throws CliError "usage" that names every invalid entry */
export function parseKeyFile(content: string, path: string): FileKey[] {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw wrongUsage(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = KeyFile.safeParse(json);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${place(issue.path)}: ${issue.message}`);
    throw wrongUsage(
      `${path} is not valid:\n${lines.join("\n")}`,
      'Expected: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}',
    );
  }
  return Object.entries(parsed.data.virtual_keys).map(([key, entry]) => ({
    key,
    label: masked(key),
    provider: providerOf(entry),
  }));
}

/** The keys' providers, each once. */
export function distinctProviders(keys: readonly FileKey[]): FileProvider[] {
  return [...new Map(keys.map(({ provider }) => [provider.name, provider])).values()];
}

/**
 * Derives the name from the credentials, so that importing again finds the existing provider. Eight digits of
 * a digest reveal nothing about a provider's key, which is long and random.
 */
function providerOf({
  provider: type,
  api_key: apiKey,
  base_url: baseUrl,
}: z.output<typeof Entry>): FileProvider {
  const digest = createHash("sha256").update(JSON.stringify([type, baseUrl ?? null, apiKey]));
  return { name: `${type}-${digest.digest("hex").slice(0, 8)}`, type, apiKey, baseUrl };
}

/** Enough of a key to find it in the file, too little to use it. */
export function masked(key: string): string {
  return key.length < 20 ? `${key.slice(0, 2)}…` : `${key.slice(0, 6)}…${key.slice(-2)}`;
}

function place(path: readonly PropertyKey[]): string {
  const [top, key, ...rest] = path.map(String);
  if (top === undefined) return "the file";
  return [top, ...(key === undefined ? [] : [`"${masked(key)}"`]), ...rest].join(".");
}
