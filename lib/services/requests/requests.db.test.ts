import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { expectInvalid } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { getRequest } from "./get-request";
import { LedgerRequest } from "./ledger-request";
import { listRequests } from "./list-requests";

/** The ledger's fields in contract.md. */
const CONTRACT =
  `provider_cost_usd dropped client_request_id id created_at settled_at status organization_id user_id api_key_id app_id model provider
  upstream_model input_tokens output_tokens cached_tokens cache_write_tokens reasoning_tokens meters hold_usd cost_usd
  overrun_usd usage_source price_version_id http_status error_code latency_ms ttft_ms stream tags session_id endpoint`.split(
    /\s+/,
  );

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const world = await worldOfFile();
const ids = { org: "", member: "", other: "", b: "", failed: "" };

beforeAll(async () => {
  const ago = (ms: number) => new Date(Date.now() - ms);
  ids.org = await world.addRequest({ createdAt: ago(5 * MINUTE_MS), stream: true });
  ids.member = await world.addRequest({
    createdAt: ago(4 * MINUTE_MS),
    apiKeyId: world.a.memberKey,
    userId: world.member.id,
    model: "large",
  });
  ids.other = await world.addRequest({
    createdAt: ago(3 * HOUR_MS),
    apiKeyId: world.a.otherKey,
    userId: world.other.id,
    status: "held",
    settledAt: null,
    httpStatus: null,
    costUsd: "0",
  });
  ids.b = await world.addRequest({
    createdAt: ago(MINUTE_MS),
    organizationId: world.b.id,
    apiKeyId: world.b.orgKey,
  });
  ids.failed = await world.addRequest({
    createdAt: ago(2 * MINUTE_MS),
    status: "released",
    httpStatus: 502,
    errorCode: "upstream_error",
    costUsd: "0",
  });
});

const idsFor = async (actor: Actor, query = {}) =>
  (await listRequests(world.as(actor), query)).data.map((request) => request.id);

describe("listing requests", () => {
  test("shows each actor the requests of their own scope, newest first", async () => {
    expect(await idsFor(world.admin)).toEqual([ids.b, ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.orgAdmin)).toEqual([ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.viewer)).toEqual([ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.member)).toEqual([ids.member]);
    expect(await idsFor(world.orgAdminOfB)).toEqual([ids.b]);
    expect(await idsFor(world.stray)).toEqual([]);
  });

  test("never shows more because of a filter", async () => {
    expect(await idsFor(world.orgAdmin, { organization_id: world.b.id })).toEqual([]);
    expect(await idsFor(world.member, { user_id: world.other.id })).toEqual([]);
    expect(await idsFor(world.member, { api_key_id: world.a.orgKey })).toEqual([]);
  });

  test("filters by status, model, key, organization, streaming, failure and time", async () => {
    const since = (ms: number) => new Date(Date.now() - ms).toISOString();
    expect(await idsFor(world.admin, { status: "held" })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { model: "large" })).toEqual([ids.member]);
    expect(await idsFor(world.admin, { api_key_id: world.a.otherKey })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { organization_id: world.b.id })).toEqual([ids.b]);
    expect(await idsFor(world.admin, { stream: "true" })).toEqual([ids.org]);
    expect(await idsFor(world.admin, { failed: "true" })).toEqual([ids.failed]);
    expect(await idsFor(world.admin, { failed: "false" })).toEqual([ids.b, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.admin, { to: since(HOUR_MS) })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { from: since(4.5 * MINUTE_MS), to: since(1.5 * MINUTE_MS) })).toEqual([
      ids.failed,
      ids.member,
    ]);
  });

  test("filters by session, the client's id, error code and endpoint, and finds by any id", async () => {
    const named = { organizationId: world.b.id, apiKeyId: world.b.orgKey };
    const old = new Date(Date.now() - 9 * HOUR_MS);
    const one = await world.addRequest({
      ...named,
      createdAt: old,
      sessionId: "s-1",
      clientRequestId: "c-1",
    });
    const two = await world.addRequest({
      ...named,
      createdAt: old,
      sessionId: "s-1",
      endpoint: "responses",
      errorCode: "boom",
    });
    const both = [two, one].toSorted().toReversed();
    expect(await idsFor(world.admin, { session_id: "s-1" })).toEqual(both);
    expect(await idsFor(world.admin, { client_request_id: "c-1" })).toEqual([one]);
    expect(await idsFor(world.admin, { session_id: "s-1", endpoint: "responses" })).toEqual([two]);
    expect(await idsFor(world.admin, { error_code: "boom" })).toEqual([two]);
    expect(await idsFor(world.admin, { search: "s-1" })).toEqual(both);
    expect(await idsFor(world.admin, { search: "c-1" })).toEqual([one]);
    expect(await idsFor(world.admin, { search: two })).toEqual([two]);
    expect(await idsFor(world.orgAdmin, { search: two })).toEqual([]);
    await world.db.$client`DELETE FROM ledger WHERE id IN (${one}, ${two})`;
  });

  test("neither repeats nor skips rows while new ones arrive", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRequests(world.as(world.orgAdminOfB), { limit: 1, cursor });
      seen.push(...page.data.map((request) => request.id));
      if (cursor === undefined) {
        await world.addRequest({ organizationId: world.b.id, apiKeyId: world.b.orgKey });
      }
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual([ids.b]);
  });

  test.each([
    [{ limit: 0 }, "limit"],
    [{ limit: 201 }, "limit"],
    [{ cursor: "x" }, "cursor"],
    [{ from: "yesterday" }, "from"],
    [{ organization_id: "x' or 1=1" }, "organization_id"],
    [{ to: "0000-01-01T00:00:00Z" }, "to"],
    [{ from: "9999-12-31T23:59:59-14:00" }, "from"],
    [{ status: "finished" }, "status"],
    [{ stream: "yes" }, "stream"],
    [{ tag: "a\u0000b" }, "tag"],
    [{ organizationId: "x" }, "organizationId"],
  ])("rejects %j and names the field", async (query: object, field) => {
    await expectInvalid(() => listRequests(world.as(world.admin), query), field);
  });
});

describe("filters of the contract", () => {
  test("find requests by app, provider and tag, by exact match", async () => {
    const appId = "22222222-2222-4222-8222-222222222222";
    const id = await world.addRequest({
      organizationId: world.b.id,
      apiKeyId: null,
      appId,
      provider: "groq",
      tags: ["nightly, east", "b"],
    });
    expect(await idsFor(world.admin, { app_id: appId })).toEqual([id]);
    expect(await idsFor(world.admin, { provider: "groq" })).toEqual([id]);
    expect(await idsFor(world.admin, { tag: "nightly, east" })).toEqual([id]);
    expect(await idsFor(world.admin, { tag: "nightly" })).toEqual([]);
    expect(await idsFor(world.orgAdmin, { tag: "b" })).toEqual([]);
  });

  test("find requests by session, error and endpoint", async () => {
    const id = await world.addRequest({
      organizationId: world.b.id,
      apiKeyId: world.b.orgKey,
      sessionId: "session-1",
      errorCode: "upstream_timeout",
      httpStatus: 504,
      endpoint: "responses",
    });
    expect(await idsFor(world.admin, { session_id: "session-1" })).toEqual([id]);
    expect(await idsFor(world.admin, { error_code: "upstream_timeout" })).toEqual([id]);
    expect(await idsFor(world.admin, { endpoint: "responses" })).toEqual([id]);
    expect(await idsFor(world.admin, { session_id: "session-1", endpoint: "messages" })).toEqual([]);
    expect(await idsFor(world.orgAdmin, { session_id: "session-1" })).toEqual([]);
  });

  test("find swept requests and adjustments, with reason and author", async () => {
    const swept = await world.addRequest({
      organizationId: world.b.id,
      status: "swept",
      usageSource: "estimated",
      errorCode: "gateway_died",
    });
    const adjustment = await world.addRequest({
      organizationId: world.b.id,
      apiKeyId: null,
      status: "adjustment",
      endpoint: "adjustment",
      model: "adjustment",
      provider: null,
      costUsd: "-2.5",
      holdUsd: "0",
      httpStatus: null,
      usageSource: null,
      reason: "Refund",
      adjustedBy: "Ada",
    });
    expect(await idsFor(world.orgAdminOfB, { status: "swept" })).toEqual([swept]);
    expect(await idsFor(world.orgAdminOfB, { status: "adjustment" })).toEqual([adjustment]);
    expect(await getRequest(world.as(world.orgAdminOfB), { id: adjustment })).toMatchObject({
      cost_usd: "-2.5",
      reason: "Refund",
      adjusted_by: "Ada",
      usage_source: null,
    });
  });

  test("read a date as its first instant: `from` inclusive, `to` exclusive", async () => {
    const at = (time: string) => world.addRequest({ createdAt: new Date(time), model: "of-days" });
    await at("2026-03-01T23:59:59.999Z");
    const first = await at("2026-03-02T00:00:00Z");
    const last = await at("2026-03-02T23:59:59.999Z");
    await at("2026-03-03T00:00:00Z");
    expect(await idsFor(world.admin, { model: "of-days", from: "2026-03-02", to: "2026-03-03" })).toEqual([
      last,
      first,
    ]);
  });
});

describe("one request", () => {
  test("is visible to those who see it in the list, and to no other actor", async () => {
    for (const actor of [world.admin, world.orgAdmin, world.viewer, world.member]) {
      await expect(getRequest(world.as(actor), { id: ids.member })).resolves.toMatchObject({
        id: ids.member,
      });
    }
    for (const actor of [world.other, world.orgAdminOfB, world.stray]) {
      await expect(getRequest(world.as(actor), { id: ids.member })).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });

  test("is not found under an unknown or malformed id", async () => {
    for (const id of ["00000000-0000-7000-8000-000000000000", "x", "' or 1=1 --"]) {
      await expect(getRequest(world.as(world.admin), { id })).rejects.toMatchObject({ code: "not_found" });
    }
  });

  test("has exact amounts and the names of its owners", async () => {
    const id = await world.addRequest({
      apiKeyId: world.a.memberKey,
      userId: world.member.id,
      inputTokens: 1000,
      outputTokens: 100,
      holdUsd: "0.010000000001",
      costUsd: "0.00225",
    });
    const request = await getRequest(world.as(world.member), { id });
    expect(request).toMatchObject({
      cost_usd: "0.00225",
      hold_usd: "0.010000000001",
      overrun_usd: "0",
      organization_id: world.a.id,
      organization_name: "A",
      user_id: world.member.id,
      user_name: "member",
      api_key_id: world.a.memberKey,
      api_key_name: "a-member",
      api_key_prefix: "tg_test_a-member",
    });
  });

  test("has every field of the contract, under its name", async () => {
    const request = await getRequest(world.as(world.admin), { id: ids.member });
    expect(Object.keys(request)).toEqual(expect.arrayContaining(CONTRACT));
    expect(LedgerRequest.parse(request)).toEqual(request);
    const [listed] = (await listRequests(world.as(world.member))).data.filter(({ id }) => id === ids.member);
    expect(listed).toEqual(request);
  });

  test("has no cost and no settlement time while it is held", async () => {
    const held = await getRequest(world.as(world.other), { id: ids.other });
    expect(held).toMatchObject({ status: "held", settled_at: null, cost_usd: "0" });
  });

  test("keeps the ids of owners deleted since", async () => {
    const gone = "11111111-1111-4111-8111-111111111111";
    const id = await world.addRequest({ apiKeyId: gone, userId: gone, appId: gone });
    expect(await getRequest(world.as(world.orgAdmin), { id })).toMatchObject({
      api_key_id: gone,
      api_key_name: null,
      api_key_prefix: null,
      user_id: gone,
      user_name: null,
      app_id: gone,
      app_name: null,
    });
    const ofAnotherAge = await world.addRequest({ organizationId: gone });
    expect(await getRequest(world.as(world.admin), { id: ofAnotherAge })).toMatchObject({
      organization_id: gone,
      organization_name: null,
    });
  });

  test("exposes neither secrets nor internals of holds", async () => {
    const text = JSON.stringify(await getRequest(world.as(world.admin), { id: ids.member }));
    expect(text).not.toMatch(/hash|counter|lease|instance|ifSwept|digest/i);
  });
});

test("a request is found by its id, or else by the client's own", async () => {
  const clientRequestId = "3f9d6f6e-5c0e-4a63-8a53-0d7a2f0c9b11";
  const add = (agoMs: number) =>
    world.addRequest({ clientRequestId, createdAt: new Date(Date.now() - agoMs) });
  await add(2 * HOUR_MS);
  const newest = await add(HOUR_MS);
  const foreign = { organizationId: world.b.id, apiKeyId: world.b.orgKey, clientRequestId: "theirs" };
  await world.addRequest(foreign);
  const ctx = world.as(world.orgAdmin);
  expect((await getRequest(ctx, { id: clientRequestId })).id).toBe(newest);
  expect((await getRequest(ctx, { id: newest })).id).toBe(newest);
  for (const id of ["theirs", "nowhere", "x".repeat(201)]) {
    await expect(getRequest(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
  }
});
