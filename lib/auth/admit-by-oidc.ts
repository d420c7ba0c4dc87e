import { eq, or, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { auditLog, organizations, users } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { SYSTEM } from "./actor";
import { type OidcClaims, oidcSubject } from "./oidc-claims";
import type { OidcSettings } from "./oidc-settings";
import { sessionStamp } from "./session-stamp";
import type { SignedIn } from "./sign-in";
import type { SsoRejection } from "./sign-in-problem";

export type Admission = { admitted: true; user: SignedIn } | { admitted: false; reason: SsoRejection };

type Settings = Pick<OidcSettings, "newUsersJoin">;
/** Claims with an e-mail address that the issuer has verified. */
type Verified = OidcClaims & { email: string };
type Found = Pick<
  typeof users.$inferSelect,
  "id" | "email" | "name" | "organizationId" | "passwordHash" | "oidcSubject"
>;

const columns = {
  id: users.id,
  email: users.email,
  name: users.name,
  organizationId: users.organizationId,
  passwordHash: users.passwordHash,
  oidcSubject: users.oidcSubject,
};

/**
 * Finds the user of an issuer's claims: a user who was linked before; otherwise the one with the verified e-mail
 * address, who is linked now; otherwise, if `newUsersJoin` is set, a new member. The audit log records linking and
 * creating, with the system as the actor.
 * @param requestIp for the audit log
 */
export async function admitByOidc(
  db: Db,
  settings: Settings,
  claims: OidcClaims,
  requestIp: string | null,
): Promise<Admission> {
  const known = await findLinked(db, claims);
  if (known !== undefined) return admitted(known);
  const { email } = claims;
  if (email === null || !claims.email_verified) return rejected("sso-email-not-verified");
  const admit = () => db.transaction((tx) => linkOrCreate(tx, settings, { ...claims, email }, requestIp));
  // After losing a race for the same new person, the second attempt finds them.
  return (await admit()) ?? (await admit()) ?? rejected("sso-failed");
}

/** @returns null if another request has just created or linked the same person */
async function linkOrCreate(
  tx: Tx,
  settings: Settings,
  claims: Verified,
  ip: string | null,
): Promise<Admission | null> {
  const [user] = await tx
    .select(columns)
    .from(users)
    .where(eq(sql`lower(${users.email})`, sql`lower(${claims.email})`))
    .for("update");
  if (user !== undefined) return link(tx, user, claims, ip);
  const linked = await findLinked(tx, claims);
  if (linked !== undefined) return admitted(linked);
  if (settings.newUsersJoin === null) return rejected("sso-unknown");
  return createMember(tx, settings.newUsersJoin, claims, ip);
}

async function link(tx: Tx, user: Found, claims: Verified, ip: string | null): Promise<Admission | null> {
  const subject = oidcSubject(claims);
  if (user.oidcSubject === subject) return admitted(user);
  // The same issuer has another subject for this address, since addresses are reassigned. A link to an earlier issuer
  // is useless and is replaced.
  if (user.oidcSubject?.startsWith(oidcSubject({ iss: claims.iss, sub: "" }))) return rejected("sso-linked");
  const [after] = await tx
    .update(users)
    .set({ oidcSubject: subject })
    .where(eq(users.id, user.id))
    .returning(columns);
  if (after === undefined) return null;
  await audit(tx, ip, {
    action: "user.link",
    subjectId: user.id,
    organizationId: user.organizationId,
    before: { email: user.email, oidc_subject: user.oidcSubject },
    after: { email: user.email, oidc_subject: subject },
  });
  return admitted(after);
}

async function createMember(
  tx: Tx,
  newUsersJoin: string,
  claims: Verified,
  ip: string | null,
): Promise<Admission | null> {
  const [organization] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(or(eq(organizations.name, newUsersJoin), eq(sql`${organizations.id}::text`, newUsersJoin)));
  if (organization === undefined) {
    log.error(
      { organization: newUsersJoin },
      "a new user could not sign in: no organization has the name or id in OIDC_ORGANIZATION",
    );
    return rejected("sso-not-set-up");
  }
  const { email, name } = claims;
  const subject = oidcSubject(claims);
  const [created] = await tx
    .insert(users)
    .values({ email, name, role: "member", organizationId: organization.id, oidcSubject: subject })
    .onConflictDoNothing()
    .returning(columns);
  if (created === undefined) return null;
  await audit(tx, ip, {
    action: "user.create",
    subjectId: created.id,
    organizationId: organization.id,
    after: { email, name, role: "member", organization_id: organization.id, oidc_subject: subject },
  });
  return admitted(created);
}

async function findLinked(db: Db | Tx, claims: OidcClaims): Promise<Found | undefined> {
  const [user] = await db
    .select(columns)
    .from(users)
    .where(eq(users.oidcSubject, oidcSubject(claims)));
  return user;
}

async function audit(
  tx: Tx,
  ip: string | null,
  entry: Pick<typeof auditLog.$inferInsert, "action" | "subjectId" | "organizationId" | "before" | "after">,
): Promise<void> {
  const { id: actorId, name: actorName } = SYSTEM;
  await tx.insert(auditLog).values({ actorId, actorName, subjectType: "user", ip, ...entry });
}

function admitted(user: Found): Admission {
  const stamp = sessionStamp(user);
  if (stamp === null) throw new Error("an admitted user has no way to sign in");
  return { admitted: true, user: { id: user.id, email: user.email, name: user.name, stamp } };
}

const rejected = (reason: SsoRejection): Admission => ({ admitted: false, reason });
