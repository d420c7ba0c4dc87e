import { customType, jsonb, numeric, pgEnum, timestamp, uuid } from "drizzle-orm/pg-core";

/** Raw bytes, for keyed hashes and ciphertexts. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** A point in time in UTC. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

/** US dollars to the 10⁻¹² (picodollar). In code: BigInt picodollars (lib/credit/money.ts). */
export const usd = () => numeric({ precision: 38, scale: 12 });

/** Who a row of usage belongs to, without references, because usage outlives its owners. */
export const ownerIds = () => ({
  organizationId: uuid().notNull(),
  userId: uuid(),
  apiKeyId: uuid(),
  appId: uuid(),
});

/** The period of a budget and a counter: UTC calendar periods, weeks start on Monday; `total` never ends. */
export const period = pgEnum("period", ["day", "week", "month", "total"]);

export type Period = (typeof period.enumValues)[number];

/** Pairs of a name and a text that administrators give what they manage, such as a team or a cost centre. */
export type Metadata = Readonly<Record<string, string>>;

export const metadata = () => jsonb().$type<Metadata>().notNull().default({});
