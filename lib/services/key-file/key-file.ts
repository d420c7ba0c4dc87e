import { createHash } from "node:crypto";
import { z } from "zod";
import { ServiceError } from "#lib/http/errors";
import { PROVIDER_PRESETS } from "#lib/providers/presets";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";
import { nameField } from "#lib/services/fields";
import { importedKeyField } from "#lib/services/keys/imported-key";
import { checkAgainstType } from "#lib/services/providers/type-fields";
import { type MemberName, memberNames } from "./member-names";

const Entry = z.strictObject({
  /** A type, or the name of a preset, which is a type with a base URL and settings, in any case. */
  provider: z.string({ error: "Must be a string." }),
  api_key: z
    .string({
      error: ({ input }) =>
        Array.isArray(input)
          ? 'Must be one key. Give several as "credentials": [{"api_key": "sk-…"}, {"api_key": "sk-…"}].'
          : "Must be a string.",
    })
    .trim()
    .min(1, "Must not be empty. Give the provider's API key.")
    .optional(),
  /** For types that need more than an API key, as `POST /providers` takes them. */
  credentials: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .optional(),
  base_url: z.url("Must be a URL.").optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  /** What the key is called here. */
  name: nameField.optional(),
});
export type ProviderEntry = Omit<z.output<typeof Entry>, "name">;

const KeyFile = z.strictObject({
  // A record would leave out a key named __proto__.
  virtual_keys: z.custom<object>(
    (given) => typeof given === "object" && given !== null && !Array.isArray(given),
    "Must be an object of keys.",
  ),
  /** The name of the organization that gets the keys. */
  organization: nameField.optional(),
});

export const KEY_FILE_FORM =
  'Expected: {"virtual_keys": {"<key>": {"provider": "openai", "api_key": "sk-…"}}}';

/** The tag of keys that came from a file. */
export const IMPORTED_TAG = "imported";

/** A provider in the file, with the name it gets here: what `POST /providers` takes. */
export type FileProvider = {
  name: string;
  type: string;
  base_url?: string;
  credentials?: Record<string, unknown> | Record<string, unknown>[];
  settings?: Record<string, unknown>;
};

/** A key that clients already use, its name here and its provider. */
export type FileKey = {
  key: string;
  /** Enough of the key to find it in the file. */
  label: string;
  /** From 1 on. */
  position: number;
  /** Several may have the same. */
  name: string;
  provider: FileProvider;
};

export type FileOfKeys = { organization: string | null; keys: FileKey[] };

/** Every entry of a file that is wrong, and what to do. It has no secret. */
export class KeyFileError extends Error {
  override name = "KeyFileError";
}

/**
 * Reads a file of virtual keys:
 * `{"virtual_keys": {"<key>": {"provider", "api_key" | "credentials", "base_url"?, "settings"?, "name"?}}, "organization"?}`.
 * @param path for messages
 * @throws KeyFileError
 */
export function parseKeyFile(content: string, path: string): FileOfKeys {
  const text = content.replace(/^\uFEFF/, "");
  const parsed = KeyFile.safeParse(jsonOf(text, path));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path: at, message }) => `${at.join(".") || "the file"}: ${message}`,
    );
    throw invalid(path, lines);
  }
  const members = memberNames(text);
  const problems: string[] = misnamed(members);
  if (problems.length > 0) throw invalid(path, problems);
  const keys: FileKey[] = [];
  const values = new Map<string, unknown>(Object.entries(parsed.data.virtual_keys));
  for (const [index, key] of keysIn(members).entries()) {
    const value = values.get(key);
    const entry = { label: masked(key), position: index + 1 };
    try {
      const { name, provider } = readEntry(key, value);
      keys.push({ ...entry, key, name: name ?? `imported ${entry.label}`, provider });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      problems.push(...problemsOf(entry, error));
    }
  }
  if (problems.length > 0) throw invalid(path, problems);
  return { organization: parsed.data.organization ?? null, keys };
}

const isOfKeys = ({ path: [section] }: MemberName): boolean => section === "virtual_keys";

/** In the order of the file. */
const keysIn = (members: readonly MemberName[]): string[] =>
  members.flatMap((member) => (isOfKeys(member) && member.path.length === 2 ? (member.path[1] ?? []) : []));

/** Names that JSON.parse or a schema would leave out without a word. */
function misnamed(members: readonly MemberName[]): string[] {
  const order = keysIn(members);
  return members.flatMap((member) => {
    const [, key = "", ...fields] = member.path;
    const isKey = isOfKeys(member) && member.path.length === 2;
    const isProto = !isKey && member.path.at(-1) === "__proto__";
    if (!member.repeated && !isProto) return [];
    const told = isProto ? "Unknown field. Remove it." : "It is there twice. Keep one of them.";
    if (!isOfKeys(member) || member.path.length < 2)
      return [`${member.path.map((name) => name.slice(0, 40)).join(".")}: ${told}`];
    const at = isKey ? order.lastIndexOf(key) : order.indexOf(key);
    const entry = { label: masked(key), position: at + 1 };
    return problemsOf(entry, invalidIn({ [fields.map((name) => name.slice(0, 40)).join(".")]: told }));
  });
}

/** What a rejected entry has that is wrong, a line for each field. */
export function problemsOf(
  { label, position }: Pick<FileKey, "label" | "position">,
  { fields, message }: ServiceError,
): string[] {
  const said = Object.keys(fields).length > 0 ? fields : { "": message };
  return Object.entries(said).map(
    ([field, text]) =>
      `virtual_keys."${label}"${field === "" ? "" : `.${field}`} (entry ${position}): ${text}`,
  );
}

/** JSON.parse quotes what it could not read, which may be a secret. */
function jsonOf(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new KeyFileError(`${path} is not JSON. ${KEY_FILE_FORM}`);
  }
}

const invalid = (path: string, lines: readonly string[]) =>
  new KeyFileError(`${path} is not valid:\n${lines.map((line) => `  ${line}`).join("\n")}\n${KEY_FILE_FORM}`);

/** @throws ServiceError "invalid" */
function readEntry(key: string, value: unknown): { name: string | undefined; provider: FileProvider } {
  const usable = importedKeyField.safeParse(key);
  if (!usable.success) throw invalidIn({ "": `This key cannot be used. ${usable.error.issues[0]?.message}` });
  const parsed = Entry.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? ([issue.keys[0]?.slice(0, 40) ?? "", "Unknown field. Check its spelling, or remove it."] as const)
        : ([issue.path.join("."), issue.message] as const),
    );
    throw invalidIn(Object.fromEntries(fields));
  }
  return { name: parsed.data.name, provider: providerOf(parsed.data) };
}

const invalidIn = (fields: Readonly<Record<string, string>>) =>
  new ServiceError("invalid", Object.values(fields)[0] ?? "Invalid.", fields);

/**
 * Derives the name from the credentials, so that importing again finds the existing provider. Eight digits of
 * a digest reveal nothing about a provider's key, which is long and random.
 * @throws ServiceError "invalid"
 */
function providerOf(entry: ProviderEntry): FileProvider {
  const { api_key: apiKey, credentials, base_url, settings } = entry;
  const provider = entry.provider.trim().toLowerCase();
  const preset = PROVIDER_PRESETS.find(({ name }) => name === provider);
  const type = PROVIDER_TYPE_NAMES.includes(provider) ? provider : preset?.type;
  if (type === undefined) throw invalidIn({ provider: unknownProvider(entry.provider) });
  if (apiKey !== undefined && credentials !== undefined)
    throw invalidIn({ credentials: "Give either api_key or credentials." });
  const asPreset = type === provider ? undefined : preset;
  const given = {
    base_url: base_url ?? asPreset?.baseUrl,
    credentials: apiKey === undefined ? credentials : { api_key: apiKey },
    settings: asPreset || settings ? { ...asPreset?.settings, ...settings } : undefined,
  };
  if (given.base_url?.includes("{"))
    throw invalidIn({ base_url: `Give it, like "${given.base_url}" with its placeholders replaced.` });
  try {
    checkAgainstType({
      type,
      baseUrl: given.base_url ?? null,
      credentials: given.credentials ?? null,
      settings: given.settings ?? {},
    });
  } catch (error) {
    throw error instanceof ServiceError ? asInFile(error, given.credentials === undefined) : error;
  }
  const simple = credentials === undefined && given.settings === undefined;
  const identity = simple
    ? [type, base_url ?? null, apiKey ?? null]
    : [type, given.base_url ?? null, given.credentials ?? null, given.settings ?? null];
  const digest = createHash("sha256").update(JSON.stringify(identity)).digest("hex");
  return {
    name: `${provider}-${digest.slice(0, 8)}`,
    type,
    ...(given.base_url !== undefined && { base_url: given.base_url }),
    ...(given.credentials !== undefined && { credentials: given.credentials }),
    ...(given.settings !== undefined && { settings: given.settings }),
  };
}

/** The provider of an entry, or the first thing that is wrong with it. */
export function readProvider(entry: ProviderEntry): FileProvider | { problem: string } {
  try {
    return providerOf(entry);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const [[field, message] = ["", error.message]] = Object.entries(error.fields);
    return { problem: field === "" ? message : `${field}: ${message}` };
  }
}

const unknownProvider = (name: string) =>
  `${JSON.stringify(name.slice(0, 40))} is not one of ${PROVIDER_TYPE_NAMES.join(", ")}, nor a preset (npx tollgate provider create --help). For another API that is compatible with OpenAI's, use "openai-compatible" and a "base_url".`;

/** With the fields' names in the file: where nothing is given, it is `api_key` that most types want. */
function asInFile(error: ServiceError, isWithout: boolean): ServiceError {
  if (!isWithout) return error;
  const fields = Object.entries(error.fields).map(([field, message]) =>
    field === "credentials.api_key" ? ["api_key", "Give the provider's API key."] : [field, message],
  );
  return new ServiceError("invalid", error.message, Object.fromEntries(fields));
}

/** The providers of keys or targets, each once. */
export function distinctProviders(keys: readonly Pick<FileKey, "provider">[]): FileProvider[] {
  return [...new Map(keys.map(({ provider }) => [provider.name, provider])).values()];
}

/** A name that is not taken yet, by a number after it if need be. It is then taken. */
export function apart(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    const end = ` ${number}`;
    free = name.slice(0, 80 - end.length) + end;
  }
  taken.add(free);
  return free;
}

/** Enough of a key to find it in the file, too little to use it. */
export function masked(key: string): string {
  return key.length < 20 ? `${key.slice(0, 2)}…` : `${key.slice(0, 6)}…${key.slice(-2)}`;
}
