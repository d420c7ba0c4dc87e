import "server-only";
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { priceVersions } from "#lib/db/schema/routing";
import { parseRates, type Rates } from "./price";

type PriceSource = "catalogue" | "manual";
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
  const { source, origin } = version;
  const rates = parseRates(version.rates);
  const digest = createHash("sha256").update(canonicalJson({ source, origin, rates })).digest();
  const known = () =>
    db.select({ id: priceVersions.id }).from(priceVersions).where(eq(priceVersions.digest, digest));
  const [existing] = await known();
  if (existing) return existing.id;
  const [made] = await db
    .insert(priceVersions)
    .values({ source, origin, rates, digest })
    .onConflictDoNothing({ target: priceVersions.digest })
    .returning({ id: priceVersions.id });
  if (made) return made.id;
  // Somebody else made it in between; the insert has waited for them to commit.
  const [theirs] = await known();
  if (!theirs) throw new Error("A price version was neither made nor found");
  return theirs.id;
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
