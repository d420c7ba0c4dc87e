import type { ProviderAddress } from "#lib/credit/prices/model-at-provider";
import { compileRates, parseRates } from "#lib/credit/prices/price";
import type { Sql } from "#lib/db/client";
import type { Strategy } from "#lib/db/schema/strategies";
import { type OpenedProvider, targetsOf } from "#lib/providers/provider-type";
import { pricingUrl } from "#lib/providers/registry";
import { type Lane, lanesTo } from "#lib/translation/routes";
import { readHeldWindows } from "./held-windows";
import type { OpenProvider } from "./provider-opener";
import {
  type Model,
  NO_LIMITS,
  type Route,
  type Routing,
  type ServedModel,
  type ServingProvider,
  type TargetLimits,
  unlistedName,
  type Within,
} from "./routing";
import { type CataloguedModel, findCatalogued, unlistedModels } from "./unlisted-models";

type ProviderRow = {
  id: string;
  name: string;
  type: string;
  base_url: string | null;
  credentials: Buffer | null;
  settings: Record<string, unknown>;
  headers: Buffer | null;
  enabled: boolean;
  created_at: Date;
};

type TargetRow = {
  model_id: string;
  provider_id: string;
  upstream_model: string;
  priority: number;
  weight: number;
  enabled: boolean;
  price_version_id: string;
  rates: unknown;
  connect_timeout_ms: number | null;
  timeout_ms: number | null;
  idle_timeout_ms: number | null;
  max_concurrent: number | null;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  context_window: number | null;
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
  hedge_after_ms: number | null;
  enabled: boolean;
  created_at: Date;
};

/** The version of the routing as it is now. */
export async function readVersion(sql: Sql): Promise<number> {
  const [state] = await sql<{ version: string }[]>`SELECT version FROM routing_state WHERE id = 1`;
  return Number(state?.version ?? 0);
}

/** Reads the version first: content that is newer than it is found stale, never the reverse. */
export async function readRouting(sql: Sql, open: OpenProvider, within: Within): Promise<Routing> {
  const version = await readVersion(sql);
  const [modelRows, providerRows, targetRows] = await Promise.all([
    sql<ModelRow[]>`
      SELECT id, name, to_json(aliases) AS aliases, context_window, max_output_tokens,
        drop_unsupported, strategy, retries, hedge_after_ms, enabled, created_at FROM models ORDER BY name`,
    sql<ProviderRow[]>`
      SELECT id, name, type, base_url, credentials, settings, headers, enabled, created_at
      FROM providers ORDER BY name`,
    sql<TargetRow[]>`
      SELECT t.model_id, t.provider_id, t.upstream_model, t.priority, t.weight, t.enabled, t.price_version_id, v.rates,
        t.connect_timeout_ms, t.timeout_ms, t.idle_timeout_ms, t.max_concurrent, t.requests_per_minute, t.tokens_per_minute,
        t.context_window
      FROM model_targets t JOIN price_versions v ON v.id = t.price_version_id
      ORDER BY t.priority, t.id`,
  ]);
  const serving = new Map(
    providerRows.filter(({ enabled }) => enabled).map((row) => [row.id, servingProvider(row, open)]),
  );
  const windowOf = await readHeldWindows(sql, modelRows, targetRows, addressesOf(providerRows));
  const routesOf = new Map<string, Route[]>();
  const disabledAt = new Map<string, string[]>();
  for (const target of targetRows) {
    const { enabled, ...row } = target;
    const { model_id: model, provider_id: providerId, upstream_model: upstreamModel } = row;
    if (!enabled) {
      disabledAt.set(model, [...(disabledAt.get(model) ?? []), providerId]);
      continue;
    }
    const routes = toRoutes(serving.get(providerId), upstreamModel, {
      priority: row.priority,
      weight: row.weight,
      priceVersionId: row.price_version_id,
      rates: compileRates(parseRates(row.rates)),
      limits: limitsOf(row),
      contextWindow: windowOf.get(target) ?? null,
    });
    routesOf.set(model, [...(routesOf.get(model) ?? []), ...routes]);
  }
  const byName = new Map<string, ServedModel>();
  const models = modelRows
    .filter(({ enabled }) => enabled)
    .map((row) => {
      const model = served({
        name: row.name,
        aliases: row.aliases,
        contextWindow: row.context_window,
        maxOutputTokens: row.max_output_tokens,
        dropsUnsupported: row.drop_unsupported,
        retries: row.retries,
        hedgeAfterMs: row.hedge_after_ms,
        createdAt: row.created_at,
        strategy: row.strategy,
        routes: routesOf.get(row.id) ?? [],
        disabledAt: disabledAt.get(row.id) ?? NONE,
        isUnlisted: false,
      });
      for (const alias of row.aliases) byName.set(alias, model);
      return model;
    });
  // A name takes precedence over an alias.
  for (const model of models) byName.set(model.all.name, model);
  const disabled = modelRows.filter(({ enabled }) => !enabled);
  return {
    version,
    models,
    byName,
    disabledNames: new Set(disabled.flatMap(({ name, aliases }) => [name, ...aliases])),
    providers: [...serving.values()].map(({ provider }) => provider),
    unlisted: unlistedModels(async ({ providerId, upstreamModel }) => {
      const from = serving.get(providerId);
      if (from === undefined) return null;
      const found = await within(() => findCatalogued(sql, from.provider, upstreamModel));
      return found === null ? null : unlistedModel(from, upstreamModel, found);
    }),
  };
}

/** Where catalogues know providers, also those that are disabled. */
const addressesOf = (rows: readonly ProviderRow[]): ReadonlyMap<string, ProviderAddress> =>
  new Map(rows.map((row) => [row.id, addressOf(row)]));

const addressOf = ({ name, type, base_url: baseUrl, settings }: ProviderRow): ProviderAddress => ({
  name,
  url: pricingUrl({ type, baseUrl, settings }),
});

const limitsOf = (row: Omit<TargetRow, "enabled">): TargetLimits => ({
  connectTimeoutMs: row.connect_timeout_ms,
  timeoutMs: row.timeout_ms,
  idleTimeoutMs: row.idle_timeout_ms,
  maxConcurrent: row.max_concurrent,
  requestsPerMinute: row.requests_per_minute,
  tokensPerMinute: row.tokens_per_minute,
});

/** As of a model that is created without saying. */
const DEFAULT_RETRIES = 1;

/** A model as if it had been created with the catalogue's values. */
function unlistedModel(from: Opened, upstreamModel: string, found: CataloguedModel): ServedModel | null {
  const { contextWindow, maxOutputTokens, priceVersionId, rates } = found;
  const routes = toRoutes(from, upstreamModel, {
    priority: 0,
    weight: 1,
    priceVersionId,
    rates,
    limits: NO_LIMITS,
    contextWindow: found.heldWindow,
  });
  if (routes.length === 0) return null;
  return served({
    name: unlistedName(from.provider, upstreamModel),
    aliases: NONE,
    contextWindow,
    maxOutputTokens,
    dropsUnsupported: false,
    retries: DEFAULT_RETRIES,
    hedgeAfterMs: null,
    createdAt: from.provider.createdAt,
    strategy: "priority",
    routes,
    disabledAt: NONE,
    isUnlisted: true,
  });
}

const NONE: readonly string[] = [];

function served(all: Model): ServedModel {
  const dialects = new Set(all.routes.map(({ dialect }) => dialect));
  const byDialect = new Map<string, Model>();
  for (const dialect of dialects) {
    byDialect.set(dialect, { ...all, routes: all.routes.filter((route) => route.dialect === dialect) });
  }
  return { all, byDialect };
}

/** A provider, and what its targets are opened with; null if it cannot be used. */
type Opened = { provider: ServingProvider; opened: OpenedProvider | null };

function servingProvider(row: ProviderRow, open: OpenProvider): Opened {
  const { id, name, type, base_url: baseUrl, credentials, settings, headers } = row;
  const opened = open({ id, type, baseUrl, credentials, settings, headers }, name);
  return {
    provider: {
      id,
      name,
      type,
      url: addressOf(row).url,
      listsModels: settings.list_models === true,
      createdAt: row.created_at,
      serves: (upstreamModel) => (opened?.wires(upstreamModel).length ?? 0) > 0,
      listModels: opened?.listModels ?? null,
    },
    opened,
  };
}

/** A route for each credential of the provider, and each dialect that the target speaks or is translated to. One provider's broken credentials do not affect others. */
function toRoutes(
  from: Opened | undefined,
  upstreamModel: string,
  choice: Omit<Route, keyof Lane | "target">,
): Route[] {
  if (from === undefined || from.opened === null) return [];
  const { id: providerId, name: providerName } = from.provider;
  return targetsOf(from.opened, { providerId, providerName, upstreamModel }).flatMap((target) =>
    lanesTo(target).map((lane) => ({ ...lane, target, ...choice })),
  );
}
