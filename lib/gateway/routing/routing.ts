import type { CompiledRates } from "#lib/credit/prices/price";
import type { Strategy } from "#lib/db/schema/strategies";
import type { OpenedProvider } from "#lib/providers/provider-type";
import type { Target } from "#lib/providers/wire";
import type { Lane } from "#lib/translation/routes";
import type { UnlistedModels } from "./unlisted-models";

/** A target, how it is reached from a dialect, its place among others, and its price as of now. */
export type Route = Lane & {
  target: Target;
  priority: number;
  weight: number;
  priceVersionId: string;
  rates: CompiledRates;
  limits: TargetLimits;
  /** The most that the target reads, for holds (held-windows.ts); null: that is not known. */
  contextWindow: number | null;
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

export const NO_LIMITS: TargetLimits = {
  connectTimeoutMs: null,
  timeoutMs: null,
  idleTimeoutMs: null,
  maxConcurrent: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
};

export type Model = {
  name: string;
  aliases: readonly string[];
  /** What clients are told, and what texts are judged by: the least of its targets', unless it is set. */
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** Whether what Tollgate does not support is left out of requests instead of rejecting them. */
  dropsUnsupported: boolean;
  /** How often a target is tried again before the next one. */
  retries: number;
  /** After how long without content the next target is asked as well; null: never. */
  hedgeAfterMs: number | null;
  createdAt: Date;
  strategy: Strategy;
  /** Enabled ones, in the configured order. */
  routes: readonly Route[];
  /** The providers of disabled targets. */
  disabledAt: readonly string[];
  /** Whether it is a provider's model that was not created. */
  isUnlisted: boolean;
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
  /** Names and aliases of models that are disabled. */
  disabledNames: ReadonlySet<string>;
  /** Enabled ones. */
  providers: readonly ServingProvider[];
  unlisted: UnlistedModels<ServedModel>;
};

/** A provider whose models may be requested without having been created. */
export type ServingProvider = {
  id: string;
  name: string;
  type: string;
  /** The address by which catalogues price its models; empty: they have none. */
  url: string;
  /** Whether by every caller, and not just by keys that are bound to it. */
  listsModels: boolean;
  createdAt: Date;
  /** Whether requests can reach this model of it. */
  serves: (upstreamModel: string) => boolean;
  /** Null for a type without a list. */
  listModels: OpenedProvider["listModels"];
};

/**
 * Returns the routing; `fresh` asks the database whether a recent one is still the same. `if_checked`: unless that was asked
 * often lately, for what clients can cause as often as they like.
 */
export type RoutingDirectory = (options?: { fresh: boolean | "if_checked" }) => Promise<Routing>;

/** What clients call a model that was not created. */
export const unlistedName = ({ name }: Pick<ServingProvider, "name">, upstreamModel: string): string =>
  `${name}/${upstreamModel}`;

/** Reads from the database within a deadline. */
export type Within = <Read>(read: () => Promise<Read>) => Promise<Read>;
