import { sql } from "drizzle-orm";
import { bigint, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/**
 * What the data plane has refused before anything was held, counted by the hour: who, why and how often. Not
 * in the ledger, since a flood of refused requests must not become a flood of rows. No foreign keys, as there:
 * rows keep the ids of what was deleted.
 */
export const rejectionsHourly = pgTable(
  "rejections_hourly",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    hour: instant().notNull(),
    code: text().notNull(),
    /** Null for a caller that nobody knows. */
    organizationId: uuid(),
    userId: uuid(),
    apiKeyId: uuid(),
    appId: uuid(),
    /** Of a key that nobody has: as much of it as lists show of keys. */
    keyPrefix: text(),
    /** As the client asked for it. */
    model: text(),
    rejections: bigint({ mode: "number" }).notNull(),
    lastAt: instant().notNull(),
    /** What the last of them was told. */
    lastMessage: text().notNull(),
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
