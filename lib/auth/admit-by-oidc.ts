import { eq, or, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { auditLog, organizations, users } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { SYSTEM } from "./actor";
import { type OidcClaims, oidcSubject } from "./oidc-claims";
import type { OidcSettings } from "./oidc-settings";
import { sessionStamp } from "./session-stamp";
import type { SignedIn } from "./sign-in";
import type { SsoRefusal } from "./sign-in-problem";

export type Admission = { admitted: true; user: SignedIn } | { admitted: false; reason: SsoRefusal };

type Settings = Pick<OidcSettings, "newUsersJoin">;
/** An e-mail address whose owner the issuer has made sure of. */
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
 * Finds whom an issuer vouches for: the user who was linked before; else the one with that verified e-mail
 * address, who is linked now; else, where `newUsersJoin` says so, a new member. Linking and making are
 * audited, as the system's doing.
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
  if (email === null || !claims.email_verified) return refused("sso-email-not-verified");
  const admit = () => db.transaction((tx) => linkOrMake(tx, settings, { ...claims, email }, requestIp));
  // Whoever loses a race for the same new person finds them the second time.
  return (await admit()) ?? (await admit()) ?? refused("sso-failed");
}

/** @returns null where another request has made or linked the same person meanwhile */
async function linkOrMake(
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
  if (settings.newUsersJoin === null) return refused("sso-unknown");
  return make(tx, settings.newUsersJoin, claims, ip);
}

async function link(tx: Tx, user: Found, claims: Verified, ip: string | null): Promise<Admission | null> {
  const subject = oidcSubject(claims);
  if (user.oidcSubject === subject) return admitted(user);
  // The same issuer knows the address's owner as somebody else: addresses are given to new people. A
  // link to an issuer that is no longer ours lets nobody in, and is replaced.
  if (user.oidcSubject?.startsWith(oidcSubject({ iss: claims.iss, sub: "" }))) return refused("sso-linked");
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

async function make(
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
      "somebody new could not sign in: there is no organization of the name or id that OIDC_ORGANIZATION says",
    );
    return refused("sso-not-set-up");
  }
  const { email, name } = claims;
  const subject = oidcSubject(claims);
  const [made] = await tx
    .insert(users)
    .values({ email, name, role: "member", organizationId: organization.id, oidcSubject: subject })
    .onConflictDoNothing()
    .returning(columns);
  if (made === undefined) return null;
  await audit(tx, ip, {
    action: "user.create",
    subjectId: made.id,
    organizationId: organization.id,
    after: { email, name, role: "member", organization_id: organization.id, oidc_subject: subject },
  });
  return admitted(made);
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
  if (stamp === null) throw new Error("somebody was admitted who has no way in");
  return { admitted: true, user: { id: user.id, email: user.email, name: user.name, stamp } };
}

const refused = (reason: SsoRefusal): Admission => ({ admitted: false, reason });
