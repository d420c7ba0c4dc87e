import { customType, numeric, pgEnum, timestamp } from "drizzle-orm/pg-core";

/** Raw bytes; keyed hashes and ciphertexts live in these. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** A point in time, kept in UTC. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

/** US dollars to the 10⁻¹² (picodollar). In code: BigInt picodollars (lib/credit/money.ts). */
export const usd = () => numeric({ precision: 38, scale: 12 });

/** What a budget and a counter run over: UTC calendar periods, weeks from Monday; `total` never ends. */
export const period = pgEnum("period", ["day", "week", "month", "total"]);

export type Period = (typeof period.enumValues)[number];
