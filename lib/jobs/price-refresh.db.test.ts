import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { importedPrices } from "#lib/db/schema/routing";
import { importPrices } from "#lib/services/prices/import-prices";
import { worldOfFile } from "#lib/services/testing/world";
import { serverOfFile } from "#lib/testing/server-of-file";
import { dailyPriceRefresh, refreshPricesFromUrl } from "./price-refresh";

const world = await worldOfFile();
const { db } = world;

type Answer = { status?: number; headers?: Record<string, string>; body: string | Buffer };
let answer: Answer;
let fetches = 0;
let authorization: string | undefined;
const origin = await serverOfFile(({ headers }, response) => {
  fetches += 1;
  authorization = headers.authorization;
  response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body);
});
const plainUrl = `${origin}/prices.json?token=catalogue-token`;

const entry = (inputPerToken: number) => ({
  input_cost_per_token: inputPerToken,
  output_cost_per_token: 1e-5,
});
const catalogue = (models: number, inputPerToken = 1e-6) =>
  Object.fromEntries(Array.from({ length: models }, (_, at) => [`model-${at}`, entry(inputPerToken)]));
const serve = (body: unknown, more: Omit<Answer, "body"> = {}) => {
  answer = { body: JSON.stringify(body), ...more };
};
const refresh = () => refreshPricesFromUrl(db, plainUrl);
const prices = () => db.select().from(importedPrices).orderBy(importedPrices.model);

beforeEach(async () => {
  await world.db.$client`DELETE FROM imported_prices`;
  await world.db.$client`DELETE FROM job_runs`;
});

describe("refreshing prices from PRICE_CATALOGUE_URL", () => {
  test("is skipped without a URL", async () => {
    expect(await refreshPricesFromUrl(db, null)).toEqual({ skipped: true });
    expect(await dailyPriceRefresh(db, null)).toBeNull();
  });

  test("imports the catalogue as an administrator would, and may be repeated", async () => {
    serve({ ...catalogue(3), "by-the-second": { input_cost_per_second: 1 } });
    expect(await refresh()).toEqual({
      imported: 3,
      unchanged: 0,
      models_updated: 0,
      skipped_total: 1,
      skipped: [{ model: "by-the-second", reason: expect.stringContaining("input_cost_per_second") }],
    });
    expect(await refresh()).toMatchObject({ imported: 0, unchanged: 3 });
    const [log] = await db.$client`SELECT actor_name, action FROM audit_log ORDER BY id DESC LIMIT 1`;
    expect(log).toEqual({ actor_name: "system", action: "prices.import" });
  });

  test("reads a compressed catalogue", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    answer = { body: gzipSync(JSON.stringify(catalogue(2_000))), headers };
    expect(await refresh()).toMatchObject({ imported: 2_000 });
  });

  test.each([
    ["a status", { status: 503, body: "{}" }, "It answered 503."],
    ["what is not JSON", { body: "<html>" }, "It must be a JSON object"],
    ["a list", { body: "[]" }, "It must be a JSON object"],
    ["half a file", { body: JSON.stringify(catalogue(9)).slice(0, 500) }, "It is not valid JSON."],
    ["no model", { body: "{}" }, "prices 0 models"],
    [
      "fields that are all renamed",
      { body: JSON.stringify({ a: { input: 1 }, b: { input: 2 } }) },
      "0 models",
    ],
    [
      "much fewer models",
      { body: JSON.stringify(catalogue(4, 9e-6)) },
      "4 models, and the one before priced 10",
    ],
    [
      "a bomb",
      { headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(64e6, " ")) },
      "33554432",
    ],
  ] satisfies [string, Answer, string][])("changes nothing after %s", async (_what, broken, reason) => {
    serve(catalogue(10));
    await refresh();
    const before = await prices();
    answer = broken;
    const failure = await refresh().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "upstream_error", message: expect.stringContaining(reason) });
    expect(String(failure)).not.toContain("catalogue-token");
    expect(await prices()).toEqual(before);
  });

  test("changes nothing if the host does not answer, and says which", async () => {
    await expect(refreshPricesFromUrl(db, "http://127.0.0.1:1/x?token=secret")).rejects.toMatchObject({
      code: "upstream_error",
      message: expect.stringMatching(/^The price catalogue at 127\.0\.0\.1:1 cannot be read\./),
    });
  });

  test("signs in with the URL's user and password", async () => {
    serve(catalogue(1));
    await refreshPricesFromUrl(db, plainUrl.replace("//", "//a%20user:p%C3%A4ss@"));
    expect(authorization).toBe(`Basic ${Buffer.from("a user:p\u00e4ss").toString("base64")}`);
  });

  test("takes a catalogue of half the size, and keeps the other prices", async () => {
    serve(catalogue(10));
    await refresh();
    serve(catalogue(5, 3e-6));
    expect(await refresh()).toMatchObject({ imported: 5, unchanged: 0 });
    expect(await prices()).toHaveLength(10);
  });

  test("compares a catalogue with the last one, not with all names that have ever had a price", async () => {
    await importPrices(world.as(world.admin), catalogue(3, 2e-6));
    for (const size of [20, 10, 5]) {
      serve(catalogue(size));
      expect(await refresh()).toMatchObject({ skipped_total: 0 });
    }
    expect(await prices()).toHaveLength(20);
    // What an administrator imports is no measure for it.
    await importPrices(world.as(world.admin), catalogue(1, 3e-6));
    serve(catalogue(2));
    await expect(refresh()).rejects.toThrow("prices 2 models, and the one before priced 5");
  });

  test("runs once a day, and again after a failure", async () => {
    answer = { status: 500, body: "" };
    await expect(dailyPriceRefresh(db, plainUrl)).rejects.toThrow("500");
    serve(catalogue(1));
    fetches = 0;
    expect(await dailyPriceRefresh(db, plainUrl)).toMatchObject({ imported: 1 });
    expect(await dailyPriceRefresh(db, plainUrl)).toBeNull();
    expect(fetches).toBe(1);
  });
});
