import type { Dispatcher } from "undici";
import { pauses } from "#lib/config/pauses";
import { builtInPrice, importedNames } from "#lib/credit/prices/model-at-provider";
import type { Sql } from "#lib/db/client";
import type { Routing, ServingProvider } from "./routing";

/** A model that a provider lists, that a catalogue prices and that was not created. */
export type OfferedModel = {
  upstreamModel: string;
  contextWindow: number | null;
  maxOutputTokens: number | null;
};

/** What a provider offers, as its list was lately; nothing while it does not answer. */
export type OfferedModels = (routing: Routing, provider: ServingProvider) => Promise<readonly OfferedModel[]>;

const KEPT_MS = 10 * 60_000;
const AGAIN_AFTER_FAILURE_MS = 60_000;
/** A client that lists models waits so long for a provider. */
const MOST_WAIT_MS = 3_000;
const MOST_MODELS = 2_000;
const NOTHING: readonly OfferedModel[] = [];

type Kept = { version: number; untilMs: number; models: Promise<readonly OfferedModel[]> };

/** Creates the memory of a process. */
export function offeredModels(
  sql: Sql,
  agent: Dispatcher,
  onError: (provider: string, error: unknown) => void,
): OfferedModels {
  const kept = new Map<string, Kept>();
  return (routing, provider) => {
    const { version } = routing;
    const before = kept.get(provider.id);
    if (before?.version === version && before.untilMs > performance.now()) return soon(before.models);
    const entry: Kept = {
      version,
      untilMs: performance.now() + KEPT_MS,
      models: readOffered(sql, agent, provider).catch((error: unknown) => {
        onError(provider.name, error);
        entry.untilMs = performance.now() + AGAIN_AFTER_FAILURE_MS;
        return NOTHING;
      }),
    };
    kept.set(provider.id, entry);
    return soon(entry.models);
  };
}

function soon(models: Promise<readonly OfferedModel[]>): Promise<readonly OfferedModel[]> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => resolve(NOTHING), MOST_WAIT_MS);
    void models.then((found) => {
      clearTimeout(timeout);
      resolve(found);
    });
  });
}

async function readOffered(
  sql: Sql,
  agent: Dispatcher,
  provider: ServingProvider,
): Promise<readonly OfferedModel[]> {
  const listed = provider.listModels === null ? [] : await provider.listModels(agent);
  const models = listed.slice(0, MOST_MODELS).filter(({ id }) => provider.serves(id));
  const imported = await readImported(
    sql,
    models.flatMap(({ id }) => importedNames(provider, id)),
  );
  const offered: OfferedModel[] = [];
  const pause = pauses();
  for (const { id } of models) {
    const priced = limitsOf(provider, id, imported);
    if (priced !== null) offered.push({ upstreamModel: id, ...priced });
    await pause();
  }
  return offered;
}

type Limits = Pick<OfferedModel, "contextWindow" | "maxOutputTokens">;

/** As unlisted-models.ts finds them; null for a model without a price. */
function limitsOf(
  provider: ServingProvider,
  upstreamModel: string,
  imported: ReadonlyMap<string, Limits>,
): Limits | null {
  for (const name of importedNames(provider, upstreamModel)) {
    const found = imported.get(name);
    if (found !== undefined) return found;
  }
  const found = builtInPrice(provider, upstreamModel);
  return found === null ? null : { contextWindow: found.contextWindow, maxOutputTokens: null };
}

async function readImported(sql: Sql, names: readonly string[]): Promise<Map<string, Limits>> {
  if (names.length === 0) return new Map();
  const rows = await sql<
    { model: string; context_window: number | null; max_output_tokens: number | null }[]
  >`SELECT model, context_window, max_output_tokens FROM imported_prices WHERE model IN ${sql([...names])}`;
  return new Map(
    rows.map((row) => [
      row.model,
      { contextWindow: row.context_window, maxOutputTokens: row.max_output_tokens },
    ]),
  );
}
