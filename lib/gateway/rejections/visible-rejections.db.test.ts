import { beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { uuidv7 } from "#lib/credit/request-id";
import { expiredPayment, revokedKey, suspendedOrganization } from "#lib/gateway/testing/caller-states";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { ApiError } from "#lib/http/api-error";
import { callerInfo, UNKNOWN_CALLER } from "./caller-info";
import { rejectionWriter } from "./write-rejections";

const messages = [{ role: "user", content: "Hello!" }];
const plain = { model: "instant", messages };
const gate = await testGateway({ models: [{ name: "instant" }, { name: "small" }, { name: "status-400" }] });
await gate.sql`UPDATE models SET context_window = 1000 WHERE name = 'small'`;
beforeEach(async () => {
  await gate.gateway.rejections.flush();
  await gate.sql`TRUNCATE rejections_hourly`;
});

/** A request id that sorts by its number. */
const idOf = (n: number) => `00000000-0000-7000-8000-0000000000${String(n).padStart(2, "0")}`;

const codeOf = async (body: unknown, headers?: Record<string, string>) => {
  const answer = await (await gate.chat(body, { headers })).json();
  return answer.error?.code ?? null;
};

/** What is counted, once it is written. */
async function counted() {
  await gate.gateway.rejections.flush();
  return gate.sql`
    SELECT code, organization_id, user_id, api_key_id, app_id, key_prefix, model, rejections::int, last_message
    FROM rejections_hourly ORDER BY code, key_prefix, model`;
}
const seededIds = () => {
  const { organization, user, apiKey } = gate.seeded.ids;
  return { organization_id: organization, user_id: user, api_key_id: apiKey, app_id: null, key_prefix: null };
};

describe("a rejected request", () => {
  test.each<[string, unknown, string | null]>([
    ["invalid_request", "{", null],
    ["invalid_request", { ...plain, temperature: 3 }, null],
    ["unsupported_parameter", { ...plain, store: true }, null],
    ["model_not_found", { ...plain, model: "nope" }, "nope"],
    ["context_length_exceeded", { ...plain, model: "small", max_tokens: 2_000 }, "small"],
  ])("is counted under its caller and %s, without a ledger row", async (code, body, model) => {
    const [before] = await gate.sql`SELECT count(*) FROM ledger`;
    expect(await codeOf(body)).toBe(code);
    expect(await codeOf(body)).toBe(code);
    expect(await counted()).toEqual([
      { ...seededIds(), code, model, rejections: 2, last_message: expect.any(String) },
    ]);
    expect(await gate.sql`SELECT count(*) FROM ledger`).toEqual([before]);
  });

  test("with an unknown key is counted by the key's prefix only", async () => {
    const key = newApiKey("live");
    expect(await codeOf(plain, { authorization: `Bearer ${key}` })).toBe("invalid_api_key");
    expect(await codeOf(plain, { authorization: "Bearer sk-proj-0123456789" })).toBe("invalid_api_key");
    expect(await codeOf(plain, { authorization: "Bearer tg_live_my_password" })).toBe("invalid_api_key");
    expect(await codeOf(plain, { authorization: "" })).toBe("invalid_api_key");
    const rows = await counted();
    expect(new Set(rows.map((row) => row.key_prefix))).toEqual(
      new Set(["sk-p", key.slice(0, 12), "tg_l", null]),
    );
    for (const row of rows)
      expect(row).toMatchObject({ organization_id: null, api_key_id: null, model: null });
  });

  test.each([
    ["invalid_api_key", revokedKey],
    ["payment_expired", expiredPayment],
    ["organization_suspended", suspendedOrganization],
  ] as const)("of a known caller (%s) says whose it was", async (code, state) => {
    await state.set(gate);
    expect(await codeOf(plain)).toBe(code);
    await state.undo(gate);
    expect(await counted()).toEqual([expect.objectContaining({ ...seededIds(), code, rejections: 1 })]);
  });

  test("is only in the ledger if the provider rejects it", async () => {
    expect(await codeOf({ ...plain, model: "status-400" })).toBe("invalid_value");
    expect(await codeOf(plain)).toBeNull();
    expect(await counted()).toEqual([]);
  });

  test("to another path or with another method counts, too", async () => {
    await fetch(`${gate.url}/nothing/here`, { method: "POST" });
    await fetch(`${gate.url}/chat/completions`);
    await fetch(`${gate.url}/models/${encodeURIComponent("\u0000\ud83d\ude00")}`, {
      headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
    });
    expect((await counted()).map(({ code, model }) => [code, model])).toEqual([
      ["method_not_allowed", null],
      ["model_not_found", " 😀"],
      ["not_found", null],
    ]);
  });
});

test("counts a flood of rejected requests exactly, in a few rows", async () => {
  const one = async (n: number) => codeOf({ ...plain, model: `made-up-${n}` });
  for (let sent = 0; sent < 600; sent += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(sent + n)));
  }
  const rows = await counted();
  expect(rows.reduce((sum, row) => sum + row.rejections, 0)).toBe(600);
  expect(rows.length).toBeLessThanOrEqual(201);
  expect(rows.at(-1)).toMatchObject({ ...seededIds(), model: null });
});

test("replicas that count the same group at once add up, in any order", async () => {
  const write = rejectionWriter(gate.gateway);
  const groups = ["a", "b", "c"].map((model) => ({
    ...UNKNOWN_CALLER,
    code: "model_not_found" as const,
    model,
    hourMs: Date.UTC(2026, 0, 31, 12),
    rejections: 1,
    lastAtMs: Date.UTC(2026, 0, 31, 12, 30),
    lastMessage: "No.",
  }));
  const numbered = (n: number) =>
    groups.map((group) => ({ ...group, lastRequests: [{ id: idOf(n), message: `No. ${n}`, budget: null }] }));
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => write(n % 2 === 0 ? numbered(n) : numbered(n).toReversed())),
  );
  // An answer that was lost is written again.
  await write(numbered(39).map((group) => ({ ...group, rejections: 0 })));
  expect((await counted()).map((row) => [row.model, row.rejections])).toEqual([
    ["a", 40],
    ["b", 40],
    ["c", 40],
  ]);
  expect(await gate.sql`SELECT DISTINCT last_requests FROM rejections_hourly`).toEqual([
    { last_requests: [39, 38, 37, 36, 35].map((n) => ({ id: idOf(n), message: `No. ${n}`, budget: null })) },
  ]);
});

test("keeps the ids of the last requests of a kind, as their answers have them", async () => {
  const ids: (string | null)[] = [];
  for (let n = 0; n < 7; n++) {
    ids.push((await gate.chat({ ...plain, temperature: 9 })).headers.get("x-request-id"));
    if (n % 2 === 0) await gate.gateway.rejections.flush();
  }
  await counted();
  const [row] = await gate.sql`SELECT last_message, last_requests FROM rejections_hourly`;
  expect(row?.last_requests).toEqual(
    ids
      .toReversed()
      .slice(0, 5)
      .map((id) => ({ id, message: row?.last_message, budget: null })),
  );
});

test("keeps 100 000 distinct rejected requests of one organization in a bounded number of rows and bytes", async () => {
  const { note, flush } = gate.gateway.rejections;
  const { organization, user, apiKey } = gate.seeded.ids;
  const ids = {
    organizationId: organization,
    userId: user,
    apiKeyId: apiKey,
    apiKeyPrefix: null,
    appId: null,
  };
  const budget = { scope: "user", period: "month", remainingUsd: "0", heldUsd: "0", neededUsd: "1" } as const;
  const shot = (n: number) =>
    n % 2 === 0
      ? new ApiError("model_not_found", `No model ${n}. ${"x".repeat(1_000)}`)
      : new ApiError("insufficient_quota", `Too little: ${n}. ${"x".repeat(1_000)}`, { budget });
  for (let n = 0; n < 100_000; n++) {
    note(callerInfo(ids, `invented-${n}`), shot(n), uuidv7());
    if (n % 10_000 === 0) await flush();
  }
  await flush();
  const [sums] = await gate.sql`
    SELECT count(*)::int AS rows, sum(rejections)::int AS rejections, max(jsonb_array_length(last_requests)) AS most,
      sum(jsonb_array_length(last_requests))::int AS requests, sum(length(r::text))::int AS characters
    FROM rejections_hourly r`;
  // 200 models, and the rest by code; each with at most five requests of 300 characters.
  expect(sums).toMatchObject({ rejections: 100_000, most: 5 });
  expect(sums?.rows).toBeLessThanOrEqual(202);
  expect(sums?.requests).toBeLessThanOrEqual(202 * 5);
  expect(sums?.characters).toBeLessThan(600_000);
});
