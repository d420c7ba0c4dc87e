import type { Role, UserActor } from "#lib/auth/actor";
import { newApiKey } from "#lib/auth/api-key";
import type { Db } from "#lib/db/client";
import { type adminTokens, apiKeys, apps } from "#lib/db/schema/identity";
import { hashSecret } from "#lib/services/testing/context";
import type { World } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { addAdminToken, sessionOf } from "./sessions-and-tokens";
import type { Member, Tenant } from "./tenants";
import { ADMIN_API_KEY } from "./test-api";

/** Who sends a request, with what, and which rights that gives by the contract. */
export type Caller = {
  name: string;
  session: UserActor | null;
  headers: Record<string, string>;
  /** Null: no rights on the Admin API. */
  role: Role | null;
  /** Whether they belong to the own tenant of the tables. Administrators belong to none. */
  isInside: boolean;
  /** The signed-in person, if they are one of the own tenant. */
  self: Member | null;
};

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** The people, tokens and data-plane credentials of the tables. */
export async function addCallers(
  world: World,
  own: Tenant,
  people: { orgAdmin: Member; member: Member; viewer: Member },
): Promise<Caller[]> {
  const { db } = world;
  const anonymous = { session: null, role: null, isInside: false, self: null };
  const token = async (name: string, role: Role, values: Partial<typeof adminTokens.$inferInsert> = {}) => ({
    ...anonymous,
    name,
    role,
    isInside: role !== "admin",
    headers: bearer(
      await addAdminToken(db, {
        role,
        organizationId: role === "admin" ? null : own.organization,
        ...values,
      }),
    ),
  });
  const session = (name: string, actor: UserActor, self: Member | null): Caller => ({
    name: `a session of ${name}`,
    session: actor,
    headers: { origin: "http://portal.test" },
    role: actor.role,
    isInside: self !== null,
    self,
  });
  const { apiKey, appSecret, appId } = await addDataPlaneCredentials(db, own, people.member.user);
  return [
    session("an administrator", sessionOf(world.admin), null),
    session("an org_admin", people.orgAdmin.actor, people.orgAdmin),
    session("a member", people.member.actor, people.member),
    session("a viewer", people.viewer.actor, people.viewer),
    session("a user without an organization", sessionOf(world.stray), null),
    { ...anonymous, name: "ADMIN_API_KEY", role: "admin", headers: bearer(ADMIN_API_KEY) },
    await token("an administrator's token", "admin"),
    await token("an org_admin's token", "org_admin"),
    await token("a viewer's token", "viewer"),
    {
      ...(await token("a token whose maker became a member", "org_admin", { makerId: people.member.user })),
      role: "member",
    },
    {
      ...(await token("an expired token", "admin", { expiresAt: new Date(Date.now() - 1000) })),
      role: null,
      isInside: false,
    },
    { ...anonymous, name: "anonymous", headers: {} },
    { ...anonymous, name: "an API key", headers: bearer(apiKey) },
    { ...anonymous, name: "an API key in x-api-key", headers: { "x-api-key": apiKey } },
    { ...anonymous, name: "an app's secret as a bearer", headers: bearer(appSecret) },
    {
      ...anonymous,
      name: "an app",
      headers: { "x-gateway-secret": appSecret, "x-app-id": appId, "x-user-oid": "oid" },
    },
  ];
}

/** An API key and an app that work on the data plane. */
async function addDataPlaneCredentials(db: Db, { organization: organizationId }: Tenant, userId: string) {
  const apiKey = newApiKey("live");
  await db
    .insert(apiKeys)
    .values({ name: "caller", organizationId, userId, keyHash: hashSecret(apiKey), keyPrefix: "tg_live_" });
  const appSecret = newApiKey("app");
  const { id: appId } = firstRow(
    await db
      .insert(apps)
      .values({ name: "caller", organizationId, secretHash: hashSecret(appSecret) })
      .returning({ id: apps.id }),
  );
  return { apiKey, appSecret, appId };
}
