import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import type { Rates } from "#lib/credit/prices/price";
import { priceVersions } from "#lib/db/schema/routing";
import { getRequest } from "#lib/services/requests/get-request";
import { worldOfFile } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { requestBill } from "./request-bill";

const world = await worldOfFile();

async function billFor(actor: Actor, id: string) {
  const ctx = world.as(actor);
  return requestBill(ctx, await getRequest(ctx, { id }));
}

async function addPrice(rates: Rates): Promise<string> {
  const { id } = firstRow(
    await world.db
      .insert(priceVersions)
      .values({
        source: "manual",
        origin: "by hand",
        rates,
        digest: createHash("sha256").update(JSON.stringify(rates)).digest(),
      })
      .returning({ id: priceVersions.id }),
  );
  return id;
}

test("itemizes the cost by the price version of the request", async () => {
  const priceVersionId = await addPrice({ inputPerMtok: "1.25", outputPerMtok: "10" });
  const id = await world.addRequest({
    apiKeyId: world.a.memberKey,
    userId: world.member.id,
    priceVersionId,
    inputTokens: 1000,
    outputTokens: 100,
    holdUsd: "0.010000000001",
    costUsd: "0.00225",
  });
  expect(await billFor(world.member, id)).toEqual({
    returnedUsd: "0.007750000001",
    providerDifferenceUsd: null,
    priceVersion: { id: priceVersionId, source: "manual", origin: "by hand" },
    breakdown: {
      lines: [
        { label: "Input", tokens: 1000, ratePerMtok: "1.25", usd: "0.00125" },
        { label: "Output", tokens: 100, ratePerMtok: "10", usd: "0.001" },
      ],
      calls: [],
      otherUsd: "0",
      aboveInputTokens: null,
    },
  });
});

test("shows what a swept request was charged as written to a cache", async () => {
  const rates = { inputPerMtok: "2", outputPerMtok: "10", cacheWritePerMtok: "2.5" };
  const priceVersionId = await addPrice(rates);
  const request = { priceVersionId, inputTokens: 1000, outputTokens: 100, costUsd: "0.0035" };
  const linesOf = async (status: "swept" | "settled") => {
    const id = await world.addRequest({ ...request, status });
    return (await billFor(world.orgAdmin, id)).breakdown?.lines.map(({ label }) => label);
  };
  expect(await linesOf("swept")).toEqual(["Cache write", "Output"]);
  expect(await linesOf("settled")).toEqual(["Input", "Output"]);
});

test("returns nothing while the request is held", async () => {
  const id = await world.addRequest({ status: "held", settledAt: null, httpStatus: null, costUsd: "0" });
  expect(await billFor(world.orgAdmin, id)).toEqual({
    returnedUsd: "0",
    providerDifferenceUsd: null,
    priceVersion: null,
    breakdown: null,
  });
});

test("returns nothing for an adjustment", async () => {
  const id = await world.addRequest({ status: "adjustment", provider: null, costUsd: "-2.5", holdUsd: "0" });
  expect(await billFor(world.orgAdmin, id)).toMatchObject({ returnedUsd: "0" });
});

test("compares the provider's own cost with ours", async () => {
  for (const [providerCostUsd, difference] of [
    ["0.0012", "0.0002"],
    ["0.0009", "-0.0001"],
    ["0.001", "0"],
  ] as const) {
    const id = await world.addRequest({ costUsd: "0.001", providerCostUsd });
    expect(await billFor(world.orgAdmin, id)).toMatchObject({ providerDifferenceUsd: difference });
  }
});
