import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { priceVersions } from "#lib/db/schema/routing";
import { createWorld, type World } from "#lib/services/testing/world";
import { getRequest } from "./get-request";
import { listRequests } from "./list-requests";
import { requestFilterOptions } from "./request-filter-options";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let world: World;
const ids = { org: "", member: "", other: "", b: "", failed: "" };

beforeAll(async () => {
  world = await createWorld();
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
afterAll(() => world.drop());

const idsFor = async (actor: Actor, query = {}) =>
  (await listRequests(world.as(actor), query)).data.map((request) => request.id);

describe("listing requests", () => {
  it("shows everybody what is theirs to see, newest first", async () => {
    expect(await idsFor(world.admin)).toEqual([ids.b, ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.orgAdmin)).toEqual([ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.viewer)).toEqual([ids.failed, ids.member, ids.org, ids.other]);
    expect(await idsFor(world.member)).toEqual([ids.member]);
    expect(await idsFor(world.orgAdminOfB)).toEqual([ids.b]);
    expect(await idsFor(world.stray)).toEqual([]);
  });

  it("does not let a filter widen what one sees", async () => {
    expect(await idsFor(world.orgAdmin, { organizationId: world.b.id })).toEqual([]);
    expect(await idsFor(world.member, { userId: world.other.id })).toEqual([]);
    expect(await idsFor(world.member, { apiKeyId: world.a.orgKey })).toEqual([]);
  });

  it("filters by status, model, key, organization, streaming, failure and time", async () => {
    const since = (ms: number) => new Date(Date.now() - ms).toISOString();
    expect(await idsFor(world.admin, { status: "held" })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { model: "large" })).toEqual([ids.member]);
    expect(await idsFor(world.admin, { apiKeyId: world.a.otherKey })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { organizationId: world.b.id })).toEqual([ids.b]);
    expect(await idsFor(world.admin, { stream: true })).toEqual([ids.org]);
    expect(await idsFor(world.admin, { failed: true })).toEqual([ids.failed]);
    expect(await idsFor(world.admin, { to: since(HOUR_MS) })).toEqual([ids.other]);
    expect(await idsFor(world.admin, { from: since(4.5 * MINUTE_MS), to: since(1.5 * MINUTE_MS) })).toEqual([
      ids.failed,
      ids.member,
    ]);
  });

  it("pages by keyset: nothing twice, nothing left out, while new rows arrive", async () => {
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

  it.each([
    [{ limit: 0 }, "limit"],
    [{ limit: 201 }, "limit"],
    [{ cursor: "x" }, "cursor"],
    [{ from: "yesterday" }, "from"],
    [{ organizationId: "x' or 1=1" }, "organizationId"],
  ])("refuses %j, and says where", async (query, field) => {
    await expect(listRequests(world.as(world.admin), query)).rejects.toMatchObject({
      code: "invalid",
      fields: { [field]: expect.any(String) },
    });
  });
});

describe("one request", () => {
  it("is shown to those who see it in the list, and to nobody else", async () => {
    for (const actor of [world.admin, world.orgAdmin, world.viewer, world.member]) {
      await expect(getRequest(world.as(actor), ids.member)).resolves.toMatchObject({ id: ids.member });
    }
    for (const actor of [world.other, world.orgAdminOfB, world.stray]) {
      await expect(getRequest(world.as(actor), ids.member)).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("that is not there, or whose id is none, is not found", async () => {
    for (const id of ["00000000-0000-7000-8000-000000000000", "x", "' or 1=1 --"]) {
      await expect(getRequest(world.as(world.admin), id)).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("has its exact money, its names and its bill", async () => {
    const [price] = await world.db
      .insert(priceVersions)
      .values({
        source: "manual",
        origin: "by hand",
        rates: { inputPerMtok: "1.25", outputPerMtok: "10" },
        digest: createHash("sha256").update("test").digest(),
      })
      .returning({ id: priceVersions.id });
    const id = await world.addRequest({
      apiKeyId: world.a.memberKey,
      userId: world.member.id,
      priceVersionId: price?.id,
      inputTokens: 1000,
      outputTokens: 100,
      holdUsd: "0.010000000001",
      costUsd: "0.00225",
    });
    expect(await getRequest(world.as(world.member), id)).toMatchObject({
      costUsd: "0.00225",
      holdUsd: "0.010000000001",
      returnedUsd: "0.007750000001",
      organization: { id: world.a.id, name: "A" },
      user: { id: world.member.id, name: "member" },
      key: { id: world.a.memberKey, name: "a-member", prefix: "tg_test_a-member" },
      priceVersion: { source: "manual", origin: "by hand" },
      breakdown: {
        lines: [
          { label: "Input", tokens: 1000, ratePerMtok: "1.25", usd: "0.00125" },
          { label: "Output", tokens: 100, ratePerMtok: "10", usd: "0.001" },
        ],
        otherUsd: "0",
      },
    });
  });

  it("returns nothing while it is held", async () => {
    expect(await getRequest(world.as(world.other), ids.other)).toMatchObject({
      status: "held",
      returnedUsd: "0",
      breakdown: null,
    });
  });

  it("keeps the ids of what was deleted since", async () => {
    const gone = "11111111-1111-4111-8111-111111111111";
    const id = await world.addRequest({ apiKeyId: gone, userId: gone });
    expect(await getRequest(world.as(world.orgAdmin), id)).toMatchObject({
      key: { id: gone, name: null, prefix: null },
      user: { id: gone, name: null },
    });
  });

  it("holds no secret and nothing of how holds are kept", async () => {
    const text = JSON.stringify(await getRequest(world.as(world.admin), ids.member));
    expect(text).not.toMatch(/hash|counter|lease|instance|ifSwept|digest/i);
  });
});

describe("the filters", () => {
  it("offer what one sees", async () => {
    await world.addUsage({ model: "large" });
    await world.addUsage({ organizationId: world.b.id, model: "secret-model-of-b" });
    expect(await requestFilterOptions(world.as(world.orgAdmin))).toMatchObject({
      models: ["large"],
      organizations: [],
    });
    const forMember = await requestFilterOptions(world.as(world.member));
    expect(forMember).toEqual({
      models: [],
      keys: [expect.objectContaining({ name: "a-member" })],
      organizations: [],
    });
    const forAdmin = await requestFilterOptions(world.as(world.admin));
    expect(forAdmin.models).toEqual(["large", "secret-model-of-b"]);
    expect(forAdmin.organizations.map((each) => each.name)).toEqual(["A", "B"]);
    expect(JSON.stringify(forAdmin)).not.toMatch(/hash/i);
  });
});
