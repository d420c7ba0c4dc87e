import { ApiKey, ApiKeyWithSecret, type Organization, Provider } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import { allPages } from "#lib/cli/api/pages";
import { CliError, EXIT } from "#lib/cli/failure";
import { findByValue } from "#lib/cli/resources/key-value";
import { priceHint } from "#lib/providers/prices-of-setting";
import {
  apart,
  distinctProviders,
  type FileKey,
  type FileProvider,
  IMPORTED_TAG,
} from "#lib/services/key-file/key-file";

/** What happened to an entry, or would happen without a dry run. */
export type Outcome = {
  kind: "provider" | "model" | "key" | "setting";
  /** With its position in the file, if names may not tell entries apart. */
  name: string;
  /** "left": there is nothing to create for it here. */
  outcome: "made" | "skipped" | "failed" | "left";
  detail: string | null;
};

type ImportOptions = { organization: Organization; dryRun: boolean };

/**
 * Creates what the file has and the server lacks: a provider for each set of credentials, and the keys, each
 * bound to its provider. Goes on if one fails.
 */
export async function importKeys(
  admin: AdminClient,
  keys: readonly FileKey[],
  options: ImportOptions,
): Promise<Outcome[]> {
  const providers = await importProviders(admin, distinctProviders(keys), options);
  const { providerIds } = providers;
  const outcomes = [...providers.outcomes];
  const taken = options.dryRun ? new Set<string>() : await keyNames(admin, options.organization);
  for (const key of keys) {
    const providerId = providerIds.get(key.provider.name) ?? null;
    const made = await attempt(() => makeKey(admin, key, { ...options, providerId, taken }), "skipped");
    outcomes.push({
      kind: "key",
      name: `${key.name} (entry ${key.position})`,
      outcome: made.outcome,
      detail: made.detail,
    });
  }
  return outcomes;
}

/** Creates the providers that are missing. Their ids by name are null where there is none (yet). */
export async function importProviders(
  admin: AdminClient,
  providers: readonly FileProvider[],
  options: Pick<ImportOptions, "dryRun">,
): Promise<{ outcomes: Outcome[]; providerIds: ReadonlyMap<string, string | null> }> {
  const outcomes: Outcome[] = [];
  const providerIds = new Map<string, string | null>();
  const { value: there } = await allPages(admin, "/providers", Provider);
  for (const wanted of providers) {
    const found = there.items.find(({ name }) => name === wanted.name);
    const made = found
      ? { id: found.id, outcome: "skipped" as const, detail: "already exists" }
      : await attempt(() => makeProvider(admin, wanted, options));
    providerIds.set(wanted.name, made.id);
    outcomes.push({ kind: "provider", name: wanted.name, outcome: made.outcome, detail: made.detail });
  }
  return { outcomes, providerIds };
}

/** What became of one entry. */
export type Made = {
  id: string | null;
  outcome: Outcome["outcome"];
  detail: string | null;
  /** What of it has no counterpart. */
  left?: readonly string[];
};

async function makeProvider(
  admin: AdminClient,
  wanted: FileProvider,
  { dryRun }: Pick<ImportOptions, "dryRun">,
): Promise<Made> {
  if (dryRun) return { id: null, outcome: "made", detail: priceHint(wanted) };
  const { value } = await admin.post("/providers", Provider, wanted);
  return { id: value.id, outcome: "made", detail: priceHint(wanted) };
}

async function makeKey(
  admin: AdminClient,
  { key, name, provider }: FileKey,
  {
    organization,
    dryRun,
    providerId,
    taken,
  }: ImportOptions & { providerId: string | null; taken: Set<string> },
): Promise<Made> {
  const existing = await findByValue(admin, key);
  if (existing !== null)
    return { id: null, outcome: "skipped", detail: existingDetail(existing, organization, providerId) };
  if (dryRun) return { id: null, outcome: "made", detail: `for ${provider.name}` };
  if (providerId === null)
    return { id: null, outcome: "failed", detail: "its provider could not be created" };
  const { value } = await admin.post("/api-keys", ApiKeyWithSecret, {
    name: apart(name, taken),
    organization_id: organization.id,
    provider_id: providerId,
    key,
    tags: [IMPORTED_TAG],
  });
  return { id: value.id, outcome: "made", detail: `for ${provider.name}` };
}

/** A key that exists stays as it is, also if that is not what the file says. */
function existingDetail(
  { organization_id: organizationId, provider_id: provider, revoked_at: revoked }: ApiKey,
  organization: Organization,
  providerId: string | null,
): string {
  const differs = [
    ...(revoked ? ["revoked"] : []),
    ...(organizationId !== undefined && organizationId !== organization.id
      ? ["in another organization"]
      : []),
    ...(provider !== undefined && providerId !== null && provider !== providerId
      ? ["bound to another provider or to none"]
      : []),
  ];
  return ["already exists", ...differs].join(", ");
}

/** The names of an organization's keys. */
async function keyNames(admin: AdminClient, { id }: Organization): Promise<Set<string>> {
  const { value } = await allPages(admin, "/api-keys", ApiKey, { organization_id: id });
  return new Set(value.items.map(({ name }) => name));
}

/**
 * An error of one entry becomes its outcome; an error that would affect all of them ends the import.
 * @param ifTaken the outcome of what has a name, or is a key, that is in use
 */
export async function attempt(
  make: () => Promise<Made>,
  ifTaken: "skipped" | "failed" = "failed",
): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.status === 409 && ifTaken === "skipped")
      return { id: null, outcome: "skipped", detail: "already exists" };
    if (error.exitCode === EXIT.unreachable || error.exitCode === EXIT.denied) throw error;
    return { id: null, outcome: "failed", detail: error.message };
  }
}
