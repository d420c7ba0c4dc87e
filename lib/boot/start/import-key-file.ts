import { readFileSync } from "node:fs";
import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { hashesOfKey } from "#lib/auth/key-hash";
import type { Config } from "#lib/config/config";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, organizations } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";
import { log } from "#lib/observability/log";
import { priceHint } from "#lib/providers/prices-of-setting";
import type { ServiceContext } from "#lib/services/context";
import {
  apart,
  distinctProviders,
  type FileKey,
  type FileOfKeys,
  IMPORTED_TAG,
  KeyFileError,
  parseKeyFile,
  problemsOf,
} from "#lib/services/key-file/key-file";
import { createKey } from "#lib/services/keys/create-key";
import { updateKey } from "#lib/services/keys/update-key";
import { createOrganization } from "#lib/services/organizations/create-organization";
import { createProvider } from "#lib/services/providers/create-provider";

/** Who the audit log says it was. */
const KEYS_FILE: Actor = {
  kind: "token",
  id: "keys_file",
  name: "KEYS_FILE_PATH",
  role: "admin",
  organizationId: null,
};
const DEFAULT_ORGANIZATION = "Imported keys";
/** Replicas that start together import once. */
const KEY_FILE_LOCK = "742117901153";
const KEYS_A_QUERY = 1_000;

/**
 * Creates what the file at KEYS_FILE_PATH has and the database lacks: providers, keys and their organization; all or
 * nothing. A key that exists keeps its settings, but is bound to the provider that the file names.
 * @throws StartUpError that names each entry which is wrong, and says what to do
 */
export async function importKeyFile(
  db: Db,
  config: ServiceContext["config"] & Pick<Config, "KEYS_FILE_PATH">,
  hashSecret: ServiceContext["hashSecret"],
): Promise<void> {
  const path = config.KEYS_FILE_PATH;
  if (path === undefined) return;
  const file = readFile(path);
  if (file.keys.length === 0) return;
  const made = await db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${KEY_FILE_LOCK}::bigint)`);
    const ctx = contextOf(tx, config, hashSecret);
    return importKeys(ctx, tx, file, path);
  });
  if (Object.values(made).some((count) => count > 0)) log.info(made, "imported the keys of KEYS_FILE_PATH");
}

function readFile(path: string): FileOfKeys {
  let content: string;
  try {
    content = readFileSync(/*turbopackIgnore: true*/ path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new StartUpError(
      `KEYS_FILE_PATH: ${path} cannot be read (${code}). Set it to a file that this user may read, or unset it.`,
    );
  }
  try {
    return parseKeyFile(content, path);
  } catch (error) {
    throw error instanceof KeyFileError ? new StartUpError(`KEYS_FILE_PATH: ${error.message}`) : error;
  }
}

const contextOf = (
  tx: Tx,
  config: ServiceContext["config"],
  hashSecret: ServiceContext["hashSecret"],
): ServiceContext => ({
  db: tx,
  actor: KEYS_FILE,
  hashSecret,
  config,
  // For links and passwords, of which it makes none.
  passwordSalt: () => Buffer.alloc(0),
  portalUrl: "",
});

type Made = { keys: number; providers: number; bound: number };

async function importKeys(ctx: ServiceContext, tx: Tx, file: FileOfKeys, path: string): Promise<Made> {
  const made: Made = { keys: 0, providers: 0, bound: 0 };
  const wanted = distinctProviders(file.keys);
  const names = wanted.map(({ name }) => name);
  const there = await tx
    .select({ id: providers.id, name: providers.name })
    .from(providers)
    .where(inArray(providers.name, names));
  const providerIds = new Map(there.map(({ id, name }) => [name, id]));
  for (const provider of wanted) {
    if (providerIds.has(provider.name)) continue;
    const of = file.keys.find((key) => key.provider.name === provider.name);
    const { id } = await naming(path, of, () => createProvider(ctx, provider));
    providerIds.set(provider.name, id);
    made.providers += 1;
    const hint = priceHint(provider);
    if (hint !== null) log.warn({ provider: provider.name, base_url: provider.base_url }, hint);
  }
  const known = await knownKeys(ctx, tx, file.keys);
  const organizationId = await organizationOf(ctx, tx, file.organization ?? DEFAULT_ORGANIZATION);
  const taken = await namesIn(tx, organizationId);
  for (const key of file.keys) {
    const providerId = providerIds.get(key.provider.name) ?? null;
    const existing = known.get(key.key);
    if (existing === undefined) {
      const input = { name: apart(key.name, taken), key: key.key, provider_id: providerId };
      await naming(path, key, () =>
        createKey(ctx, { ...input, organization_id: organizationId, tags: [IMPORTED_TAG] }),
      );
      made.keys += 1;
    } else if (existing.providerId !== providerId) {
      await naming(path, key, () => updateKey(ctx, { id: existing.id, provider_id: providerId }));
      made.bound += 1;
    }
  }
  return made;
}

type Known = { id: string; providerId: string | null };

/** The keys that exist, also as the value before a rotation, by what they are. */
async function knownKeys(ctx: ServiceContext, tx: Tx, keys: readonly FileKey[]): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (let from = 0; from < keys.length; from += KEYS_A_QUERY) {
    const byHash = new Map<string, string>();
    for (const { key } of keys.slice(from, from + KEYS_A_QUERY))
      for (const hash of hashesOfKey(ctx.hashSecret, key)) byHash.set(hash.toString("hex"), key);
    const hashes = [...byHash.keys()].map((hex) => Buffer.from(hex, "hex"));
    for (const column of [apiKeys.previousKeyHash, apiKeys.keyHash]) {
      const rows = await tx
        .select({ id: apiKeys.id, providerId: apiKeys.providerId, hash: column })
        .from(apiKeys)
        .where(inArray(column, hashes));
      for (const { hash, ...row } of rows) {
        const key = byHash.get(hash?.toString("hex") ?? "");
        if (key !== undefined) known.set(key, row);
      }
    }
  }
  return known;
}

/** The oldest of that name. */
async function organizationOf(ctx: ServiceContext, tx: Tx, name: string): Promise<string> {
  const [found] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.name, name))
    .orderBy(asc(organizations.createdAt))
    .limit(1);
  return found?.id ?? (await createOrganization(ctx, { name })).id;
}

async function namesIn(tx: Tx, organizationId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ name: apiKeys.name })
    .from(apiKeys)
    .where(eq(apiKeys.organizationId, organizationId));
  return new Set(rows.map(({ name }) => name));
}

/** @throws StartUpError that names the entry, for what its verb rejects */
async function naming<T>(path: string, key: FileKey | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const lines = key === undefined ? [error.message] : problemsOf(key, error);
    throw new StartUpError(
      `KEYS_FILE_PATH: ${path} is not valid:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    );
  }
}
