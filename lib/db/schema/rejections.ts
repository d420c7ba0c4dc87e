import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant, type Period } from "./columns";
import type { ScopeType } from "./credit";

/** One of the last rejected requests of a group. The id has the time of its arrival. */
export type LastRejection = {
  id: string;
  message: string;
  /** The budget that rejected it, in US dollars. Null for other reasons. */
  budget: {
    scope: ScopeType;
    period: Period;
    remaining_usd: string;
    held_usd: string;
    needed_usd: string | null;
  } | null;
};

/**
 * Requests that the data plane rejected before a hold, counted by the hour: caller, reason and number. Not in the ledger,
 * since a flood of rejections must not become a flood of rows. No foreign keys: rows keep the ids of what was deleted.
 */
export const rejectionsHourly = pgTable(
  "rejections_hourly",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    hour: instant().notNull(),
    code: text().notNull(),
    /** Null for an unknown caller. */
    organizationId: uuid(),
    userId: uuid(),
    apiKeyId: uuid(),
    appId: uuid(),
    /** For an unknown key: its prefix, as lists show it. */
    keyPrefix: text(),
    /** As the client sent it. */
    model: text(),
    rejections: bigint({ mode: "number" }).notNull(),
    lastAt: instant().notNull(),
    /** The error message of the latest rejection. */
    lastMessage: text().notNull(),
    /** A few, the latest first: no flood of requests makes a row grow. */
    lastRequests: jsonb().$type<LastRejection[]>().notNull().default([]),
  },
  (t) => [
    unique("rejections_hourly_group")
      .on(t.hour, t.code, t.organizationId, t.userId, t.apiKeyId, t.appId, t.keyPrefix, t.model)
      .nullsNotDistinct(),
    index("rejections_hourly_organization")
      .on(t.organizationId, t.hour)
      .where(sql`${t.organizationId} is not null`),
  ],
);
