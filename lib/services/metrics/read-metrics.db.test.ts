import { eq } from "drizzle-orm";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { ledgerState } from "#lib/db/schema/credit";
import { apiKeys, users } from "#lib/db/schema/identity";
import { worldOfFile } from "#lib/services/testing/world";
import { readMetrics } from "./read-metrics";

const GONE = "11111111-1111-4111-8111-111111111111";

const world = await worldOfFile();

const metrics = (actor: Actor) => readMetrics(world.as(actor));

describe("the metrics", () => {
  test("are zero in a new installation", async () => {
    expect(await metrics(world.admin)).toMatchObject({
      total_requests: 0,
      requests_by_provider: {},
      average_response_ms: 0,
      top_users: [],
      complete_from: null,
    });
  });

  test("say from when on they are complete while an upgrade still sums up the ledger", async () => {
    const rolledUpFrom = new Date("2026-03-01T05:00:00.000Z");
    const [before] = await world.db.select({ rolledUpFrom: ledgerState.rolledUpFrom }).from(ledgerState);
    await world.db.update(ledgerState).set({ rolledUpFrom });
    onTestFinished(async () => {
      await world.db.update(ledgerState).set(before ?? {});
    });
    expect((await metrics(world.admin)).complete_from).toBe(rolledUpFrom.toISOString());
  });

  test("count requests by provider, exact cost by user, users, organizations and keys", async () => {
    const lastYear = new Date(Date.now() - 365 * 86_400_000);
    const { id: memberId } = world.member;
    await world.addUsage({
      userId: memberId,
      apiKeyId: world.a.memberKey,
      provider: "openai",
      requests: 3,
      costUsd: "0.1",
    });
    await world.addUsage({
      userId: memberId,
      provider: "openai",
      requests: 1,
      costUsd: "0.2",
      hour: lastYear,
    });
    await world.addUsage({ userId: GONE, provider: "other", requests: 5, costUsd: "9" });
    await world.addUsage({ provider: null, requests: 2, costUsd: "0" });
    await world.addUsage({
      organizationId: world.b.id,
      userId: world.orgAdminOfB.id,
      requests: 7,
      costUsd: "0.000000000001",
    });
    await world.addRequest({ latencyMs: 100 });
    await world.addRequest({ latencyMs: 101 });
    await world.addRequest({ latencyMs: null });
    await world.addRequest({ organizationId: world.b.id, apiKeyId: world.b.orgKey, latencyMs: 400 });
    await world.db.update(apiKeys).set({ revokedAt: new Date() }).where(eq(apiKeys.id, world.a.orgKey));
    await world.db
      .update(apiKeys)
      .set({ expiresAt: new Date(0) })
      .where(eq(apiKeys.id, world.a.otherKey));
    await world.db.update(users).set({ externalId: "emp-17" }).where(eq(users.id, memberId));
    const gone = { user_id: GONE, email: null, external_id: null, cost_usd: "9", requests: 5 };
    const member = {
      user_id: memberId,
      email: "member@example.com",
      external_id: "emp-17",
      cost_usd: "0.3",
      requests: 4,
    };
    const other = {
      user_id: world.orgAdminOfB.id,
      email: "org-admin-b@example.com",
      external_id: null,
      cost_usd: "0.000000000001",
      requests: 7,
    };
    expect(await metrics(world.admin)).toEqual({
      total_requests: 18,
      total_cost_usd: "9.300000000001",
      requests_by_provider: { openai: 4, other: 5, none: 2, test: 7 },
      average_response_ms: 200.3,
      uptime_seconds: expect.any(Number),
      users: 7,
      organizations: 2,
      api_keys: { active: 2, revoked: 1, total: 4 },
      top_users: [gone, member, other],
      top_users_by_requests: [other, gone, member],
      complete_from: null,
      last_updated: expect.stringMatching(/Z$/),
    });
  });

  test("cover only their organization for an org_admin", async () => {
    expect(await metrics(world.orgAdmin)).toMatchObject({
      total_requests: 11,
      requests_by_provider: { openai: 4, other: 5, none: 2 },
      average_response_ms: 100.5,
      users: 4,
      organizations: 1,
      api_keys: { active: 1, revoked: 1, total: 3 },
      top_users: [{ user_id: GONE }, { user_id: world.member.id }],
    });
    expect(await metrics(world.orgAdminOfB)).toMatchObject({
      total_requests: 7,
      api_keys: { active: 1, revoked: 0, total: 1 },
      average_response_ms: 400,
    });
  });

  test("reject other roles", async () => {
    for (const actor of [world.member, world.viewer, world.stray]) {
      await expect(metrics(actor)).rejects.toMatchObject({ code: "forbidden" });
    }
  });

  test("show at most ten users", async () => {
    for (let n = 0; n < 12; n++) {
      await world.addUsage({
        userId: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
        costUsd: "20",
      });
    }
    expect((await metrics(world.admin)).top_users).toHaveLength(10);
  });
});
