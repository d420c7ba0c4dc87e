import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns";
import type { Strategy } from "./strategies";

export const priceSource = pgEnum("price_source", ["catalogue", "manual", "imported"]);

export const providers = pgTable("providers", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  /** A name in the table of lib/providers/registry.ts: code checks it, so that a new type needs no migration. */
  type: text().notNull(),
  baseUrl: text(),
  /** AES-256-GCM under ENCRYPTION_KEY; write-only for the API. */
  credentials: bytea(),
  /** What the type's own schema describes, as the Admin API spells it. */
  settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  /** The values of `settings.headers`, which has their names, sealed as the credentials are. */
  headers: bytea(),
  enabled: boolean().notNull().default(true),
  createdAt: instant().notNull().defaultNow(),
});

/** Immutable: a changed price is a new row, so that old ledger rows can always be recomputed. */
export const priceVersions = pgTable("price_versions", {
  id: uuid().primaryKey().defaultRandom(),
  source: priceSource().notNull(),
  /** The catalogue entry, or who entered the price. */
  origin: text().notNull(),
  /** Rates as exact decimal strings in USD per million tokens (lib/credit/prices/price.ts). */
  rates: jsonb().notNull(),
  /** SHA-256 of source and rates: the same price is the same version. */
  digest: bytea().notNull().unique(),
  createdAt: instant().notNull().defaultNow(),
});

const priceVersionId = () =>
  uuid()
    .notNull()
    .references(() => priceVersions.id);

/** Rates by model name from an imported catalogue, which take precedence over the built-in catalogue. */
export const importedPrices = pgTable("imported_prices", {
  model: text().primaryKey(),
  priceVersionId: priceVersionId(),
  contextWindow: integer(),
  maxOutputTokens: integer(),
  importedAt: instant().notNull().defaultNow(),
  /** When the catalogue that is fetched again and again has last priced it; null for what it never has. */
  refreshedAt: instant(),
});

export const models = pgTable("models", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
  aliases: text().array().notNull().default([]),
  strategy: text().$type<Strategy>().notNull().default("priority"),
  contextWindow: integer(),
  maxOutputTokens: integer(),
  /** Whether what Tollgate does not support is left out of requests instead of rejecting them. */
  dropUnsupported: boolean().notNull().default(false),
  /** How often a target is tried again before the next one. */
  retries: integer().notNull().default(1),
  /** After how long without content the next target is asked as well; null: never. */
  hedgeAfterMs: integer(),
  enabled: boolean().notNull().default(true),
  createdAt: instant().notNull().defaultNow(),
});

/** Of what ends with its model. */
const modelId = () =>
  uuid()
    .notNull()
    .references(() => models.id, { onDelete: "cascade" });

export const modelTargets = pgTable(
  "model_targets",
  {
    id: uuid().primaryKey().defaultRandom(),
    modelId: modelId(),
    providerId: uuid()
      .notNull()
      .references(() => providers.id),
    upstreamModel: text().notNull(),
    priceVersionId: priceVersionId(),
    priority: integer().notNull().default(0),
    /** The share of requests that `weighted` tries here first. */
    weight: integer().notNull().default(1),
    /** What it reads at most, as an administrator states it; null: what the catalogues or the model say. */
    contextWindow: integer(),
    /** Null in each of these: Tollgate's own bound, or none. */
    connectTimeoutMs: integer(),
    timeoutMs: integer(),
    idleTimeoutMs: integer(),
    maxConcurrent: integer(),
    requestsPerMinute: integer(),
    tokensPerMinute: integer(),
    enabled: boolean().notNull().default(true),
  },
  (t) => [
    unique().on(t.modelId, t.providerId, t.upstreamModel),
    index("model_targets_provider").on(t.providerId),
  ],
);

/** Which price each target has had and since when: a trigger of `model_targets` adds a row with each new price. */
export const targetPrices = pgTable(
  "target_prices",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    modelId: modelId(),
    /** Without a reference: the history outlives the provider. */
    providerId: uuid().notNull(),
    upstreamModel: text().notNull(),
    priceVersionId: priceVersionId(),
    since: instant().notNull().defaultNow(),
  },
  (t) => [index("target_prices_model").on(t.modelId, t.id)],
);

/**
 * One row. A trigger increments `version` with every change to providers, models and targets. A hold that was routed
 * under an older version gets the verdict `stale`.
 */
export const routingState = pgTable("routing_state", {
  id: smallint().primaryKey().default(1),
  version: bigint({ mode: "number" }).notNull().default(1),
});

/**
 * The targets that are down or were so lately, whatever model leads to them: what replicas share of their circuit
 * breakers. Written when one opens, closes, or is probed; never by a request that merely passes.
 */
export const targetStates = pgTable(
  "target_states",
  {
    providerId: uuid()
      .notNull()
      .references(() => providers.id, { onDelete: "cascade" }),
    /** Which of the provider's credentials; empty where it has one. */
    credentialId: text().notNull(),
    upstreamModel: text().notNull(),
    openedAt: instant().notNull(),
    /** When one request may find out whether it is up again. */
    probeAfter: instant().notNull(),
    /** How often it has opened, or a probe has failed, in a row. */
    trips: integer().notNull(),
    /** What opened it. */
    reason: text().notNull(),
    /** Null while it is down. */
    closedAt: instant(),
  },
  (t) => [primaryKey({ columns: [t.providerId, t.credentialId, t.upstreamModel] })],
);
