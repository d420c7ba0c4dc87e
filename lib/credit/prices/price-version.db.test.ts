import { describe, expect, test } from "vitest";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { parseRates, type Rates } from "./price";
import { ensurePriceVersion } from "./price-version";

const database = await databaseOfFile();
const db = database.control();

const rates: Rates = {
  inputPerMtok: "2.50",
  outputPerMtok: "10",
  cacheReadPerMtok: "0.0046875",
  tiers: [{ aboveInputTokens: 272_000, inputPerMtok: "5", outputPerMtok: "15" }],
};
const version = { source: "manual", origin: "by hand: Ada", rates } as const;

describe("ensurePriceVersion", () => {
  test("stores the rates unchanged", async () => {
    const id = await ensurePriceVersion(db, version);
    const [row] = await database.sql`SELECT source, origin, rates FROM price_versions WHERE id = ${id}`;
    expect(row).toMatchObject({ source: "manual", origin: "by hand: Ada" });
    expect(parseRates(row?.rates)).toEqual(rates);
  });

  test("returns the same version for the same content, in any order of keys", async () => {
    const reordered = {
      tiers: [
        { outputPerMtok: "15", inputPerMtok: "5", aboveInputTokens: 272_000, cacheReadPerMtok: undefined },
      ],
      cacheReadPerMtok: "0.0046875",
      outputPerMtok: "10",
      inputPerMtok: "2.50",
    };
    const id = await ensurePriceVersion(db, version);
    expect(await ensurePriceVersion(db, { ...version, rates: reordered })).toBe(id);
  });

  test("creates another version for another rate, origin or source", async () => {
    const ids = [
      await ensurePriceVersion(db, version),
      await ensurePriceVersion(db, { ...version, rates: { ...rates, outputPerMtok: "10.000001" } }),
      await ensurePriceVersion(db, { ...version, origin: "by hand: Grace" }),
      await ensurePriceVersion(db, { ...version, source: "catalogue" }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test("creates one version for concurrent calls", async () => {
    const fresh = { ...version, origin: "by hand: concurrently" };
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => db.transaction((tx) => ensurePriceVersion(tx, fresh))),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test("rejects invalid rates", async () => {
    const wrong = { ...version, rates: { ...rates, inputPerMtok: "-1" } };
    await expect(ensurePriceVersion(db, wrong)).rejects.toThrow();
  });
});
