import { sql } from "drizzle-orm";
import type { Actor, UserActor } from "#lib/auth/actor";
import { uuidv7 } from "#lib/credit/request-id";
import { budgetEvents } from "#lib/db/schema/credit";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { createKey } from "#lib/services/keys/create-key";
import { rotateKey } from "#lib/services/keys/rotate-key";
import { updateKey } from "#lib/services/keys/update-key";
import type { Budget } from "#lib/services/limits";
import { createUser } from "#lib/services/users/create-user";
import { updateUser } from "#lib/services/users/update-user";
import type { World } from "./world";

/** One organization's part in the life of a user who has moved. */
export type Stay = {
  organization: { id: string; orgKey: string };
  orgAdmin: Actor;
  viewer: Actor;
  /** Ids of a request in the ledger and of a rejected one. */
  request: string;
  rejection: string;
  costUsd: string;
  /** What the organization calls, or called, the user and their key. */
  names: { user: string; email: string; key: string; keyPrefix: string };
  /** Texts that only this organization may read. */
  marks: Record<string, string>;
};

export type MovedUser = { user: UserActor; key: string; a: Stay; b: Stay };

const HOUR_MS = 3_600_000;

/**
 * A user with a key who has used both in A, moved to B with them, got other names there and used them again; a month's
 * usage each, with a rejection, a refund and a budget event.
 */
export async function moveUser(world: World, settings: { budget?: Budget } = {}): Promise<MovedUser> {
  const asAdmin = world.as(world.admin);
  const viewer = async (organizationId: string): Promise<Actor> => {
    const email = `watcher-${uuidv7()}@example.com`;
    const { id } = await createUser(asAdmin, { email, organization_id: organizationId, role: "viewer" });
    return { kind: "user", id, name: "watcher", email, role: "viewer", organizationId };
  };
  const names = { user: "Ada of A", email: `ada-${uuidv7()}@a.example.com`, key: "key-of-a" };
  const { id } = await createUser(asAdmin, {
    name: names.user,
    email: names.email,
    organization_id: world.a.id,
    ...settings,
  });
  const key = await createKey(asAdmin, { name: names.key, user_id: id, ...settings });
  const owner = { userId: id, apiKeyId: key.id };
  const inA = await spend(world, { ...owner, organizationId: world.a.id }, "a", "0.111111");
  const user: UserActor = {
    kind: "user",
    id,
    name: names.user,
    email: names.email,
    role: "org_admin",
    organizationId: world.a.id,
  };
  const token = await createAdminToken(world.as(user), { name: "token-of-a", role: "viewer" });
  const { id: moved } = await updateUser(asAdmin, { id, organization_id: world.b.id });

  const asB = world.as(world.orgAdminOfB);
  const namesInB = { user: "Bea of B", email: `bea-${uuidv7()}@b.example.com`, key: "key-of-b" };
  await updateUser(asB, { id: moved, name: namesInB.user, email: namesInB.email });
  await updateKey(asB, { id: key.id, name: namesInB.key });
  const rotated = await rotateKey(asB, { id: key.id });
  const inB = await spend(world, { ...owner, organizationId: world.b.id }, "b", "0.222222");
  return {
    user: { ...user, name: namesInB.user, email: namesInB.email, role: "member", organizationId: world.b.id },
    key: key.id,
    a: {
      ...inA,
      organization: world.a,
      orgAdmin: world.orgAdmin,
      viewer: await viewer(world.a.id),
      names: { ...names, keyPrefix: key.key_prefix },
      marks: { ...inA.marks, token: token.id },
    },
    b: {
      ...inB,
      organization: world.b,
      orgAdmin: world.orgAdminOfB,
      viewer: await viewer(world.b.id),
      names: { ...namesInB, keyPrefix: rotated.key_prefix },
      marks: { ...inB.marks, ...namesInB, keyPrefix: rotated.key_prefix },
    },
  };
}

type Owner = { organizationId: string; userId: string; apiKeyId: string };

/** Usage as requests leave it, and what administrators did about it. */
async function spend(world: World, owner: Owner, mark: string, costUsd: string) {
  const { organizationId, userId, apiKeyId } = owner;
  const counterIds = (
    await world.db.execute<{ id: string }>(sql`
      insert into counters (scope_type, scope_id, period, period_start, spent_usd)
      select s.type::scope_type, s.id::uuid, 'month', tollgate_period_start('month', now()), ${costUsd}
      from (values ('organization', ${organizationId}), ('user', ${userId}), ('api_key', ${apiKeyId})) s (type, id)
      on conflict on constraint counters_bucket do update set spent_usd = counters.spent_usd + excluded.spent_usd
      returning id`)
  ).map(({ id }) => Number(id));
  const now = new Date();
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const model = `model-of-${mark}`;
  const request = await world.addRequest({
    ...owner,
    costUsd,
    model,
    counterIds,
    tags: [`tag-of-${mark}`],
    clientRequestId: `client-of-${mark}`,
  });
  await world.addUsage({ ...owner, hour, costUsd, model, inputTokens: 10, outputTokens: 5 });
  const rejection = uuidv7();
  await world.db.insert(rejectionsHourly).values({
    ...owner,
    hour,
    code: "rate_limit_exceeded",
    model,
    rejections: 1,
    lastAt: now,
    lastMessage: `rejected-in-${mark}`,
    lastRequests: [{ id: rejection, message: `rejected-in-${mark}`, budget: null }],
  });
  const limitUsd = mark === "a" ? "7.111" : "7.222";
  await world.db.insert(budgetEvents).values({
    kind: "soft_limit_reached",
    scopeType: "user",
    scopeId: userId,
    organizationId,
    period: "month",
    periodStart: hour,
    limitUsd,
    percent: mark === "a" ? 50 : 60,
    spentUsd: costUsd,
  });
  const reason = `refund-of-${mark}`;
  const refund = { scope: { user_id: userId }, amount_usd: "-0.001", reason };
  await createAdjustment(world.as(world.admin), refund);
  return {
    request,
    rejection,
    costUsd,
    marks: {
      organization: organizationId,
      request,
      rejection,
      model,
      tag: `tag-of-${mark}`,
      client: `client-of-${mark}`,
      message: `rejected-in-${mark}`,
      cost: costUsd,
      limit: limitUsd,
      reason,
    },
  };
}
