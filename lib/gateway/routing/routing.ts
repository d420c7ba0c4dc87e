import type { EncryptionKeys } from "#lib/config/seal";
import { type CompiledRates, compileRates, parseRates } from "#lib/credit/prices/price";
import type { HotDatabase, Sql } from "#lib/db/client";
import type { Strategy } from "#lib/db/schema/strategies";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { targetOf } from "#lib/providers/provider-type";
import type { Target } from "#lib/providers/wire";
import { type Lane, lanesTo } from "#lib/translation/routes";
import { type OnBrokenProvider, type OpenProvider, providerOpener } from "./provider-opener";

/** A target, how it is reached from a dialect, its place among others, and its price as of now. */
export type Route = Lane & {
  target: Target;
  priority: number;
  weight: number;
  priceVersionId: string;
  rates: CompiledRates;
  limits: TargetLimits;
};

/** How long a target may take, and how much its provider allows us; null: Tollgate's own bound, or none. */
export type TargetLimits = {
  connectTimeoutMs: number | null;
  /** Until the first content. */
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
  maxConcurrent: number | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
};

export type Model = {
  name: string;
  aliases: readonly string[];
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** Whether what Tollgate does not support is left out of requests instead of rejecting them. */
  dropsUnsupported: boolean;
  /** How often a target is tried again before the next one. */
  retries: number;
  createdAt: Date;
  strategy: Strategy;
  /** Enabled ones, in the configured order. */
  routes: readonly Route[];
};

/** A model with the routes that each dialect may take. */
export type ServedModel = {
  /** With a route for each target and dialect. */
  all: Model;
  byDialect: ReadonlyMap<string, Model>;
};

/** All models, providers and prices as of one version; the hold compares the version. */
export type Routing = {
  version: number;
  models: readonly ServedModel[];
  byName: ReadonlyMap<string, ServedModel>;
};

/** Returns the routing; `fresh` reads the database even if a recent one is known. */
export type RoutingDirectory = (options?: { fresh: boolean }) => Promise<Routing>;

const FRESH_MS = 10_000;
/** How long requests may be routed without the database. */
const KNOWN_MS = 3_600_000;
const READ_DEADLINE_MS = 5_000;

/**
 * Creates a directory that caches the routing for up to ten seconds. Concurrent readers share a read. While
 * the database is unavailable it returns the last one, for up to an hour: that serves only requests that go on
 * without a hold in the database.
 * @throws (from the returned function) if the database cannot be read
 */
export function routingDirectory(
  { sql, watch }: Pick<HotDatabase, "sql" | "watch">,
  keys: EncryptionKeys,
  onBroken: OnBrokenProvider,
): RoutingDirectory {
  const open = providerOpener(keys, onBroken);
  let known: { routing: Promise<Routing>; readAtMs: number } | null = null;
  let reading: Promise<Routing> | null = null;

  return ({ fresh } = { fresh: false }) => {
    if (known && !fresh && Date.now() - known.readAtMs < FRESH_MS) return known.routing;
    if (reading) return reading;
    const readAtMs = Date.now();
    const asked = watch.within(() => readRouting(sql, open), READ_DEADLINE_MS);
    const routing = asked.catch(lastKnown);
    reading = routing;
    asked.then(
      () => {
        known = { routing: asked, readAtMs };
        reading = null;
      },
      () => {
        reading = null;
      },
    );
    return routing;
  };

  async function lastKnown(error: unknown): Promise<Routing> {
    const last = known;
    if (last === null || Date.now() - last.readAtMs >= KNOWN_MS || !isDatabaseUnavailable(error)) throw error;
    if (await watch.check()) throw error;
    return last.routing;
  }
}

type TargetRow = {
  model_id: string;
  provider_id: string;
  provider_name: string;
  provider_type: string;
  base_url: string | null;
  credentials: Buffer | null;
  settings: Record<string, unknown>;
  headers: Buffer | null;
  upstream_model: string;
  priority: number;
  weight: number;
  price_version_id: string;
  rates: unknown;
  connect_timeout_ms: number | null;
  timeout_ms: number | null;
  idle_timeout_ms: number | null;
  max_concurrent: number | null;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
};

type ModelRow = {
  id: string;
  name: string;
  aliases: string[];
  context_window: number | null;
  max_output_tokens: number | null;
  drop_unsupported: boolean;
  strategy: Strategy;
  retries: number;
  created_at: Date;
};

/** Reads the version first: content that is newer than it is found stale, never the reverse. */
async function readRouting(sql: Sql, open: OpenProvider): Promise<Routing> {
  const [state] = await sql<{ version: string }[]>`SELECT version FROM routing_state WHERE id = 1`;
  const [modelRows, targetRows] = await Promise.all([
    sql<ModelRow[]>`
      SELECT id, name, to_json(aliases) AS aliases, context_window, max_output_tokens,
        drop_unsupported, strategy, retries, created_at FROM models WHERE enabled ORDER BY name`,
    sql<TargetRow[]>`
      SELECT t.model_id, t.provider_id, p.name AS provider_name, p.type AS provider_type, p.base_url,
        p.credentials, p.settings, p.headers, t.upstream_model, t.priority, t.weight, t.price_version_id, v.rates,
        t.connect_timeout_ms, t.timeout_ms, t.idle_timeout_ms, t.max_concurrent, t.requests_per_minute, t.tokens_per_minute
      FROM model_targets t
      JOIN providers p ON p.id = t.provider_id
      JOIN price_versions v ON v.id = t.price_version_id
      WHERE t.enabled AND p.enabled
      ORDER BY t.priority, t.id`,
  ]);
  const routesOf = new Map<string, Route[]>();
  for (const row of targetRows) {
    const routes = toRoutes(row, open);
    routesOf.set(row.model_id, [...(routesOf.get(row.model_id) ?? []), ...routes]);
  }
  const byName = new Map<string, ServedModel>();
  const models = modelRows.map((row) => {
    const model = served({
      name: row.name,
      aliases: row.aliases,
      contextWindow: row.context_window,
      maxOutputTokens: row.max_output_tokens,
      dropsUnsupported: row.drop_unsupported,
      retries: row.retries,
      createdAt: row.created_at,
      strategy: row.strategy,
      routes: routesOf.get(row.id) ?? [],
    });
    for (const alias of row.aliases) byName.set(alias, model);
    return model;
  });
  // A name takes precedence over an alias.
  for (const model of models) byName.set(model.all.name, model);
  return { version: Number(state?.version ?? 0), models, byName };
}

function served(all: Model): ServedModel {
  const dialects = new Set(all.routes.map(({ dialect }) => dialect));
  const byDialect = new Map<string, Model>();
  for (const dialect of dialects) {
    byDialect.set(dialect, { ...all, routes: all.routes.filter((route) => route.dialect === dialect) });
  }
  return { all, byDialect };
}

/** A route for each dialect that the target speaks, or is translated to. One provider's broken credentials do not affect others. */
function toRoutes(row: TargetRow, open: OpenProvider): Route[] {
  const { provider_id: id, provider_type: type, base_url: baseUrl, credentials, settings, headers } = row;
  const opened = open({ id, type, baseUrl, credentials, settings, headers }, row.provider_name);
  if (opened === null) return [];
  const target = targetOf(opened, {
    providerId: row.provider_id,
    providerName: row.provider_name,
    credentialId: "",
    upstreamModel: row.upstream_model,
  });
  const rates = compileRates(parseRates(row.rates));
  const { priority, weight, price_version_id: priceVersionId } = row;
  const limits: TargetLimits = {
    connectTimeoutMs: row.connect_timeout_ms,
    timeoutMs: row.timeout_ms,
    idleTimeoutMs: row.idle_timeout_ms,
    maxConcurrent: row.max_concurrent,
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
  };
  return lanesTo(target).map((lane) => ({
    ...lane,
    target,
    priority,
    weight,
    priceVersionId,
    rates,
    limits,
  }));
}
