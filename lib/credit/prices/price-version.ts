import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { type priceSource, priceVersions } from "#lib/db/schema/routing";
import { parseRates, type Rates } from "./price";

export type PriceSource = (typeof priceSource.enumValues)[number];
export type PriceVersion = {
  source: PriceSource;
  /** Which catalogue entry, or who gave it by hand. */
  origin: string;
  rates: Rates;
};

/**
 * The id of this price among the price versions, made where it is new. Versions never change and are
 * addressed by content (SHA-256 of their canonical JSON): the same price is the same version.
 * @throws ZodError for rates that are none
 */
export async function ensurePriceVersion(db: Db | Tx, version: PriceVersion): Promise<string> {
  const [id] = await ensurePriceVersions(db, [version]);
  if (id === undefined) throw new Error("A price version was neither made nor found");
  return id;
}

/** As many bind parameters as this takes go into one statement. */
const ROWS_PER_STATEMENT = 1000;

/**
 * The same for many prices, in a few statements; the ids are in their order.
 * @throws ZodError for rates that are none
 */
export async function ensurePriceVersions(db: Db | Tx, versions: readonly PriceVersion[]): Promise<string[]> {
  const rows = versions.map(({ source, origin, rates: given }) => {
    const rates = parseRates(given);
    const digest = createHash("sha256").update(canonicalJson({ source, origin, rates })).digest();
    return { source, origin, rates, digest };
  });
  const ids = new Map<string, string>();
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const some = rows.slice(start, start + ROWS_PER_STATEMENT);
    const digests = some.map((row) => row.digest);
    const read = async () => {
      const known = await db
        .select({ id: priceVersions.id, digest: priceVersions.digest })
        .from(priceVersions)
        .where(inArray(priceVersions.digest, digests));
      for (const { id, digest } of known) ids.set(digest.toString("hex"), id);
    };
    await read();
    const missing = some.filter((row) => !ids.has(row.digest.toString("hex")));
    if (missing.length === 0) continue;
    // Where somebody else makes one in between, the insert waits for them to commit; then it is found.
    await db.insert(priceVersions).values(missing).onConflictDoNothing({ target: priceVersions.digest });
    await read();
  }
  return rows.map(({ digest }) => {
    const id = ids.get(digest.toString("hex"));
    if (id === undefined) throw new Error("A price version was neither made nor found");
    return id;
  });
}

/** JSON with sorted keys and without what is undefined, so that equal data has equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(",")}}`;
}
