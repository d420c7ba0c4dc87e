import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import { pauses } from "#lib/config/pauses";
import type { Db, Sql, Tx } from "#lib/db/client";
import { type priceSource, priceVersions } from "#lib/db/schema/routing";
import { parseRates, type Rates } from "./price";

export type PriceSource = (typeof priceSource.enumValues)[number];
export type PriceVersion = {
  source: PriceSource;
  /** The catalogue entry, or who entered the price. */
  origin: string;
  rates: Rates;
};

/**
 * Returns the id of this price's version and creates the version if it is new. Versions never change and are addressed
 * by content (SHA-256 of their canonical JSON): the same price is the same version.
 * @throws ZodError for invalid rates
 */
export async function ensurePriceVersion(db: Db | Tx, version: PriceVersion): Promise<string> {
  const [id] = await ensurePriceVersions(db, [version]);
  if (id === undefined) throw new Error("The price version was neither created nor found.");
  return id;
}

/** To build a longer statement would hold the process for too long. */
const ROWS_PER_STATEMENT = 200;

/**
 * Does the same for many prices in a few statements. The ids are in the order of the prices.
 * @throws ZodError for invalid rates
 */
export async function ensurePriceVersions(db: Db | Tx, versions: readonly PriceVersion[]): Promise<string[]> {
  const pause = pauses();
  const rows: (PriceVersion & { digest: Buffer })[] = [];
  for (const { source, origin, rates: given } of versions) {
    const rates = parseRates(given);
    rows.push({ source, origin, rates, digest: digestOf({ source, origin, rates }) });
    await pause();
  }
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
    // If another transaction inserts one meanwhile, this waits for its commit and then finds it.
    await db.insert(priceVersions).values(missing).onConflictDoNothing({ target: priceVersions.digest });
    await read();
  }
  return rows.map(({ digest }) => {
    const id = ids.get(digest.toString("hex"));
    if (id === undefined) throw new Error("The price version was neither created nor found.");
    return id;
  });
}

/** The same as ensurePriceVersion on the data plane's client. */
export async function ensurePriceVersionBy(
  sql: Sql,
  { source, origin, rates }: PriceVersion,
): Promise<string> {
  const digest = digestOf({ source, origin, rates });
  const read = () => sql<{ id: string }[]>`SELECT id FROM price_versions WHERE digest = ${digest}`;
  let [row] = await read();
  if (row === undefined) {
    await sql`
      INSERT INTO price_versions (source, origin, rates, digest)
      VALUES (${source}, ${origin}, ${JSON.stringify(rates)}::text::jsonb, ${digest}) ON CONFLICT (digest) DO NOTHING`;
    [row] = await read();
  }
  if (row === undefined) throw new Error("The price version was neither created nor found.");
  return row.id;
}

const digestOf = (version: PriceVersion): Buffer =>
  createHash("sha256").update(canonicalJson(version)).digest();

/** JSON with sorted keys and without undefined values, so that equal data has equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(",")}}`;
}
