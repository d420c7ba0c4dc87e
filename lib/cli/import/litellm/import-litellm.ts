import { ApiKey, Model, type Organization, ProviderPrice } from "#lib/cli/api/answers";
import { type AdminClient, segment } from "#lib/cli/api/client";
import { allPages } from "#lib/cli/api/pages";
import { CliError } from "#lib/cli/failure";
import { attempt, importProviders, type Made, type Outcome } from "#lib/cli/import/import-keys";
import { distinctProviders, IMPORTED_TAG } from "#lib/services/key-file/key-file";
import { type KeyModels, type KnownModels, modelsOfKey } from "./key-models";
import type { LiteLlmConfig, NewModel, Unmoved } from "./read-config";
import type { LiteLlmKeys, NewKey } from "./read-keys";
import { type Fields, NotMovable } from "./values";

/** The keys, and the organization that gets them. */
export type KeysOf = { keys: LiteLlmKeys; organization: Organization };

/**
 * Creates the providers, models and keys that the files have and the server lacks, and tells what is not moved. Goes on
 * if one fails.
 */
export async function importLiteLlm(
  admin: AdminClient,
  config: LiteLlmConfig,
  keysOf: KeysOf | null,
  options: { dryRun: boolean },
): Promise<Outcome[]> {
  const { dryRun } = options;
  const wanted = distinctProviders(config.models.flatMap(({ targets }) => targets));
  const { outcomes, providerIds } = await importProviders(admin, wanted, options);
  const { value: there } = await allPages(admin, "/models", Model);
  const names = new Set(there.items.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  for (const model of config.models) {
    const found = there.items.find(({ name }) => name === model.name);
    const made = await attempt(() =>
      found
        ? Promise.resolve(existing(found, model, providerIds))
        : makeModel(admin, model, providerIds, dryRun),
    );
    outcomes.push({ kind: "model", name: model.name, outcome: made.outcome, detail: made.detail });
    if (made.outcome === "made") for (const name of [model.name, ...model.aliases]) names.add(name);
  }
  outcomes.push(...unmoved("model", "failed", config.failed));
  outcomes.push(...unmoved("setting", "left", config.left));
  if (keysOf === null) return outcomes;
  const { keys, organization } = keysOf;
  const known = await keysByPrefix(admin, organization);
  for (const key of keys.keys) {
    const options = { organization, dryRun, known, models: { names, groups: config.accessGroups } };
    const made = await attempt(() => makeKey(admin, key, options));
    outcomes.push({ kind: "key", name: key.name, outcome: made.outcome, detail: made.detail });
    outcomes.push(
      ...unmoved(
        "key",
        "left",
        (made.left ?? []).map((reason) => ({ name: key.name, reason })),
      ),
    );
  }
  outcomes.push(...unmoved("key", "failed", keys.failed), ...unmoved("key", "left", keys.left));
  return outcomes;
}

const unmoved = (kind: Outcome["kind"], outcome: Outcome["outcome"], entries: readonly Unmoved[]) =>
  entries.map(({ name, reason }): Outcome => ({ kind, name, outcome, detail: reason }));

type Ids = ReadonlyMap<string, string | null>;

async function makeModel(
  admin: AdminClient,
  { name, aliases, strategy, targets, settings }: NewModel,
  providerIds: Ids,
  dryRun: boolean,
): Promise<Made> {
  const detail = targets
    .map(({ provider, fields, pricedAs }) => {
      const target = `${provider.name}/${fields.upstream_model}`;
      return pricedAs === undefined ? target : `${target} at the price of ${pricedAs}`;
    })
    .join(", ");
  // Only the server knows its catalogues.
  const isPriced = targets.every(({ fields }) => fields.price !== undefined);
  if (dryRun)
    return { id: null, outcome: "made", detail: isPriced ? detail : `${detail}; if a catalogue prices it` };
  const placed: Fields[] = [];
  for (const { provider, fields, pricedAs } of targets) {
    const id = providerIds.get(provider.name) ?? null;
    if (id === null) return { id: null, outcome: "failed", detail: "its provider could not be created" };
    const price = pricedAs === undefined ? null : await cataloguePrice(admin, id, pricedAs);
    placed.push({ ...fields, provider_id: id, ...(price !== null && { price }) });
  }
  const body = { ...settings, name, aliases, strategy, targets: placed };
  try {
    const { value } = await admin.post("/models", Model, body);
    return { id: value.id, outcome: "made", detail };
  } catch (error) {
    if (!(error instanceof CliError) || !error.message.includes(NO_PRICE)) throw error;
    const inFile = "In the file: give input_cost_per_token and output_cost_per_token in its model_info.";
    return { id: null, outcome: "failed", detail: `${error.message} ${inFile}` };
  }
}

/** The price of a deployment's base model; null if no catalogue has it. */
async function cataloguePrice(admin: AdminClient, providerId: string, model: string) {
  try {
    const { value } = await admin.get(`/providers/${segment(providerId)}/price`, ProviderPrice, { model });
    return value.price;
  } catch (error) {
    if (error instanceof CliError && error.status === 404) return null;
    throw error;
  }
}

const NO_PRICE = "No catalogue has a price";

/** A model of this name stays as it is, also if it has other targets. */
function existing(found: Model, { targets }: NewModel, providerIds: Ids): Made {
  const wanted = targets.map(
    ({ provider, fields }) => `${providerIds.get(provider.name)} ${fields.upstream_model}`,
  );
  const has = found.targets.map(({ provider_id, upstream_model }) => `${provider_id} ${upstream_model}`);
  const isSame = wanted.length === has.length && wanted.every((each) => has.includes(each));
  return {
    id: found.id,
    outcome: "skipped",
    detail: isSame ? "already exists" : "already exists, with other targets: they stay as they are",
  };
}

type KeyOptions = {
  organization: Organization;
  dryRun: boolean;
  /** Keys of the organization, by what the API shows of their digests. */
  known: ReadonlyMap<string, ApiKey>;
  models: KnownModels;
};

async function makeKey(
  admin: AdminClient,
  key: NewKey,
  { organization, dryRun, known, models }: KeyOptions,
): Promise<Made> {
  const { name, sha256, fields } = key;
  let reached: KeyModels;
  try {
    reached = modelsOfKey(key.models, models);
  } catch (error) {
    if (!(error instanceof NotMovable)) throw error;
    return { id: null, outcome: "failed", detail: error.message };
  }
  const { allowed, missing } = reached;
  const detail = [key.note, reached.note].filter((each) => each !== null).join("; ") || null;
  const left = missing.map((each) => `Its models name "${each.slice(0, 80)}", which is no model here.`);
  const found = known.get(prefixOf(sha256));
  if (dryRun) return found ? existingKey(found, allowed) : { id: null, outcome: "made", detail, left };
  try {
    const { value } = await admin.post("/api-keys", ApiKey, {
      ...fields,
      ...(allowed !== null && { allowed_models: allowed }),
      name,
      organization_id: organization.id,
      key_sha256: sha256,
      tags: [IMPORTED_TAG, ...key.tags.filter((tag) => tag !== IMPORTED_TAG)],
    });
    return { id: value.id, outcome: "made", detail, left };
  } catch (error) {
    if (error instanceof CliError && error.status === 409) return existingKey(found, allowed);
    throw error;
  }
}

/** A key that exists stays as it is, also where the file says other models now. */
function existingKey(found: ApiKey | undefined, wanted: readonly string[] | null): Made {
  const has = found?.allowed_models ?? null;
  const isSame = found === undefined || modelsText(has?.toSorted()) === modelsText(wanted?.toSorted());
  const detail = isSame
    ? "already exists"
    : `already exists, with other models: it may use ${modelsText(has)}; by the file, ${modelsText(wanted)}`;
  return { id: found?.id ?? null, outcome: "skipped", detail };
}

const modelsText = (models: readonly string[] | null | undefined): string =>
  models == null ? "all models" : models.join(", ") || "no model";

/** As lists show a key of which only the digest is known. */
const prefixOf = (sha256: string) => `sha256:${sha256.slice(0, 6)}`;

async function keysByPrefix(admin: AdminClient, { id }: Organization): Promise<Map<string, ApiKey>> {
  const { value } = await allPages(admin, "/api-keys", ApiKey, { organization_id: id });
  return new Map(value.items.map((key) => [key.key_prefix, key]));
}
