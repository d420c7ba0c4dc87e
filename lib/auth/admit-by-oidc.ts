import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { accounts, auditLog, users } from "#lib/db/schema/identity";
import { violatedUnique } from "#lib/db/unique-violation";
import { log } from "#lib/observability/log";
import { SYSTEM } from "./actor";
import { claimAccount, insertAccount, type Verified } from "./claim-account";
import { acceptInvite, findInvite, type Invitation, InviteNotAccepted } from "./invite";
import type { OidcClaims } from "./oidc-claims";
import { readOidcOrganization } from "./oidc-organization";
import type { OidcSettings } from "./oidc-settings";
import { beginSession, type SessionOrigin, type SignedIn } from "./session-record";
import type { InviteRejection, SsoRejection } from "./sign-in-problem";

export type Admission =
  | { admitted: true; session: SignedIn }
  | { admitted: false; reason: SsoRejection | InviteRejection };

export type SsoRequest = {
  origin: SessionOrigin;
  /** The token of the invite whose page sent the person to the issuer. */
  invite?: string;
  hashSecret: (secret: string) => Buffer;
};

type Settings = Pick<OidcSettings, "newUsersJoin">;

/** Concurrent first sign-ins with one e-mail address, or of one person, wait for each other. */
const FIRST_SIGN_IN_LOCK = 742117901;

/**
 * Signs in the person of an issuer's claims. Issuer and subject identify an account from its first single sign-on; the
 * e-mail address in later claims moves no one to another account. At the first one the verified address decides
 * (`claimAccount`); otherwise, if `newUsersJoin` is set, the person becomes a new member. An invite is accepted with
 * the account. The audit log records linking and creating, with the system as the actor.
 */
export async function admitByOidc(
  db: Db,
  settings: Settings,
  claims: OidcClaims,
  request: SsoRequest,
): Promise<Admission> {
  try {
    return await db.transaction((tx) => admit(tx, settings, claims, request));
  } catch (error) {
    if (error instanceof Rejected || error instanceof InviteNotAccepted) return rejected(error.reason);
    if (violatedUnique(error) === undefined) throw error;
    log.warn({ err: error }, "single sign-on met a conflicting account");
    return rejected("sso-failed");
  }
}

class Rejected extends Error {
  override name = "Rejected";
  constructor(readonly reason: SsoRejection) {
    super(reason);
  }
}

async function admit(
  tx: Tx,
  settings: Settings,
  claims: OidcClaims,
  { origin, invite, hashSecret }: SsoRequest,
): Promise<Admission> {
  for (const subject of [`${claims.iss} ${claims.sub}`, claims.email?.toLowerCase() ?? ""].sort()) {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_SIGN_IN_LOCK}::int, hashtext(${subject}))`);
  }
  const invitation = invite === undefined ? undefined : await findInvite(tx, hashSecret, invite);
  if (invitation === null) throw new InviteNotAccepted("invite-invalid");
  const ip = origin.address;
  const accountId = await accountOf(tx, claims, invitation, ip);
  if (accountId !== null && invitation !== undefined)
    await acceptInvite(tx, invitation, { accountId, method: "single sign-on", ip });
  const start = { method: "single sign-on", origin, userId: invitation?.userId } as const;
  const session = accountId === null ? null : await beginSession(tx, accountId, start);
  if (session !== null) return { admitted: true, session };
  const { email } = claims;
  if (email === null || !claims.email_verified) return rejected("sso-email-not-verified");
  if (settings.newUsersJoin === null) return rejected("sso-unknown");
  const joined = await createMember(tx, settings.newUsersJoin, { ...claims, email }, accountId, ip);
  const begun = await beginSession(tx, joined, start);
  if (begun === null) throw new Error("the new member is missing");
  return { admitted: true, session: begun };
}

/** @returns the person's account; null if they have none and no invite to make one for */
async function accountOf(
  tx: Tx,
  claims: OidcClaims,
  invitation: Invitation | undefined,
  ip: string | null,
): Promise<string | null> {
  const [bound] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.oidcIssuer, claims.iss), eq(accounts.oidcSubject, claims.sub)));
  if (bound !== undefined) {
    await confirm(tx, bound.id, claims);
    return bound.id;
  }
  const { email } = claims;
  if (email !== null && claims.email_verified) {
    const claimed = await claimAccount(tx, { ...claims, email }, ip);
    if (claimed === "linked") throw new Rejected("sso-linked");
    if (claimed !== null) return claimed.id;
    return invitation === undefined ? null : (await insertAccount(tx, { ...claims, email })).id;
  }
  if (invitation === undefined) return null;
  const [created] = await tx
    .insert(accounts)
    .values({
      email: invitation.email,
      oidcIssuer: claims.iss,
      oidcSubject: claims.sub,
      homeOrganizationId: invitation.organizationId,
    })
    .returning({ id: accounts.id });
  return created?.id ?? null;
}

/** Confirms the address of an account that an invite made, once the issuer has verified it, if no other has it. */
async function confirm(tx: Tx, accountId: string, { email, email_verified }: OidcClaims): Promise<void> {
  if (email === null || !email_verified) return;
  const taken = sql`EXISTS (SELECT FROM accounts o WHERE lower(o.email) = lower(${email}) AND o.email_confirmed_at IS NOT NULL)`;
  await tx
    .update(accounts)
    .set({ emailConfirmedAt: sql`now()`, homeOrganizationId: null, passwordHash: null })
    .where(
      and(
        eq(accounts.id, accountId),
        isNull(accounts.emailConfirmedAt),
        eq(sql`lower(${accounts.email})`, sql`lower(${email})`),
        sql`NOT ${taken}`,
      ),
    );
}

/** @returns the account, which is new unless given */
async function createMember(
  tx: Tx,
  newUsersJoin: string,
  claims: Verified,
  known: string | null,
  ip: string | null,
): Promise<string> {
  const organization = await readOidcOrganization(tx, newUsersJoin);
  if (!organization.found) {
    log.error(
      { organization: newUsersJoin, reason: organization.reason },
      "a new user could not sign in: OIDC_ORGANIZATION is the name or id of no single organization. Set it to an id and start again",
    );
    throw new Rejected("sso-not-set-up");
  }
  const { email, name, iss, sub } = claims;
  const accountId = known ?? (await insertAccount(tx, claims)).id;
  const [created] = await tx
    .insert(users)
    .values({ email, name, role: "member", organizationId: organization.id, accountId })
    .returning({ id: users.id });
  if (created === undefined) throw new Error("the member was not inserted");
  await tx.insert(auditLog).values({
    actorId: SYSTEM.id,
    actorName: SYSTEM.name,
    organizationId: organization.id,
    action: "user.create",
    subjectType: "user",
    subjectId: created.id,
    after: {
      email,
      name,
      role: "member",
      organization_id: organization.id,
      oidc_issuer: iss,
      oidc_subject: sub,
    },
    ip,
  });
  return accountId;
}

const rejected = (reason: SsoRejection | InviteRejection): Admission => ({ admitted: false, reason });
