import { randomBytes, randomUUID } from "node:crypto";
import type { UserActor } from "#lib/auth/actor";
import { hashOfKey } from "#lib/auth/key-hash";
import { createMembership, createPerson } from "#lib/auth/testing/people";
import { uuidv7 } from "#lib/credit/request-id";
import type { Db } from "#lib/db/client";
import { budgetEvents } from "#lib/db/schema/credit";
import { events } from "#lib/db/schema/events";
import { adminTokens, apiKeys, apps, auditLog, organizations } from "#lib/db/schema/identity";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { sessions } from "#lib/db/schema/sessions";
import { webhookDeliveries, webhooks } from "#lib/db/schema/webhooks";
import { hashSecret } from "#lib/services/testing/context";
import type { World } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";

/** The value of a person's key. */
export const secretOfKey = (userId: string): string => `sk-of-${userId}`;

/** Ids of one person and of what is theirs. */
export type Person = {
  user: string;
  key: string;
  session: string;
  /** A request in the ledger. */
  request: string;
  rejection: string;
  /** An event about the person. */
  notice: string;
};

/** Ids of an organization and of what it owns as a whole. */
export type Tenant = {
  organization: string;
  app: string;
  token: string;
  /** A user without an account: a person who has not accepted yet. */
  invitee: string;
  webhook: string;
  /** An event on its way to the webhook. */
  delivery: string;
};

/** A person who signs in. */
export type Member = Person & { actor: UserActor };

/** Adds an organization with an app, a token, a user without an account and an entry in the audit log. */
export async function addTenant(db: Db, name: string): Promise<Tenant> {
  const organizationId = firstRow(
    await db.insert(organizations).values({ name }).returning({ id: organizations.id }),
  ).id;
  const app = firstRow(
    await db
      .insert(apps)
      .values({ name: `${name}-app`, organizationId, secretHash: randomBytes(32) })
      .returning({ id: apps.id }),
  ).id;
  const token = firstRow(
    await db
      .insert(adminTokens)
      .values({
        name: `${name}-token`,
        role: "viewer",
        organizationId,
        tokenHash: randomBytes(32),
        tokenPrefix: "tgadm_",
        createdBy: "test",
      })
      .returning({ id: adminTokens.id }),
  ).id;
  const invitee = await createMembership(db, { email: `invitee@${name}.test`, organizationId });
  await db.insert(auditLog).values({
    actorId: "test",
    actorName: "test",
    organizationId,
    action: "app.create",
    subjectType: "app",
    subjectId: app,
  });
  const webhook = firstRow(
    await db
      .insert(webhooks)
      .values({
        organizationId,
        // Not allowed, so that no test connects to anything.
        url: "https://127.0.0.1/hook",
        events: ["budget.exhausted"],
        format: "standard",
        secret: randomBytes(60),
      })
      .returning({ id: webhooks.id }),
  ).id;
  const delivery = firstRow(
    await db
      .insert(webhookDeliveries)
      .values({
        webhookId: webhook,
        eventId: randomUUID(),
        type: "webhook.test",
        eventAt: new Date(),
        data: {},
        status: "delivered",
      })
      .returning({ id: webhookDeliveries.id }),
  ).id;
  return { organization: organizationId, app, token, invitee, webhook, delivery };
}

/** Adds a person with an account, a session, a key, a request, a rejected request and a spent budget. */
export async function addMember(
  world: World,
  { organization: organizationId }: Tenant,
  name: string,
  role: UserActor["role"],
): Promise<Member> {
  const { db } = world;
  const email = `${name}@example.com`;
  const { accountId, userId } = await createPerson(db, { email, organizationId, role });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const session = firstRow(
    await db.insert(sessions).values({ accountId, userId, expiresAt }).returning({ id: sessions.id }),
  ).id;
  const keyHash = hashOfKey(hashSecret, secretOfKey(userId));
  const stored = { name, organizationId, userId, keyHash, keyPrefix: "tg_test_" };
  const inserted = await db.insert(apiKeys).values(stored).returning({ id: apiKeys.id });
  const key = firstRow(inserted).id;
  const owner = { organizationId, userId, apiKeyId: key };
  const request = await world.addRequest(owner);
  await world.addUsage({ ...owner, costUsd: "0.001" });
  const rejection = await addRejection(db, owner);
  await db.insert(budgetEvents).values({
    kind: "limit_reached",
    scopeType: "user",
    scopeId: userId,
    organizationId,
    period: "month",
    periodStart: new Date(),
    limitUsd: "1",
    percent: 100,
    spentUsd: "1",
  });
  const notice = firstRow(
    await db
      .insert(events)
      .values({
        type: "payment.expired",
        organizationId,
        userId,
        data: {
          user_id: userId,
          email,
          name,
          organization_id: organizationId,
          payment_valid_until: "2026-01-31",
        },
      })
      .returning({ id: events.id }),
  ).id;
  const actor = { kind: "user", id: userId, name, email, role, organizationId, sessionId: session } as const;
  return { user: userId, key, session, request, rejection, notice, actor };
}

async function addRejection(
  db: Db,
  owner: { organizationId: string; userId: string; apiKeyId: string },
): Promise<string> {
  const id = uuidv7();
  const now = new Date();
  const hour = new Date(now);
  hour.setUTCMinutes(0, 0, 0);
  await db.insert(rejectionsHourly).values({
    ...owner,
    hour,
    code: "rate_limit_exceeded",
    rejections: 1,
    lastAt: now,
    lastMessage: "Rate limit reached.",
    lastRequests: [{ id, message: "Rate limit reached.", budget: null }],
  });
  return id;
}
