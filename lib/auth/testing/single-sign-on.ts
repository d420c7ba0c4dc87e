import { admitByOidc } from "#lib/auth/admit-by-oidc";
import { newLinkToken } from "#lib/auth/link-token";
import { OidcClaims } from "#lib/auth/oidc-claims";
import { readActor } from "#lib/auth/read-actor";
import type { Db } from "#lib/db/client";
import { invites } from "#lib/db/schema/sessions";
import { createMembership, digest } from "./people";

export const ISSUER = "https://login.example.com";
export const IP = "192.0.2.7";
const EXISTING_ONLY = { newUsersJoin: null };
const REQUEST = { origin: { address: IP, userAgent: null }, hashSecret: digest };

type Settings = { newUsersJoin: string | null };

/** Claims as they come from an issuer. */
const claims = (given: Record<string, unknown>) =>
  OidcClaims.parse({ iss: ISSUER, sub: "1", email_verified: true, ...given });

/** Single sign-on to one database, without new users unless told otherwise. */
export function singleSignOn(db: Db) {
  const admit = (given: Record<string, unknown>, settings: Settings = EXISTING_ONLY) =>
    admitByOidc(db, settings, claims(given), REQUEST);
  return {
    admit,
    /** Returns the user that the person acts as. */
    admitted: async (given: Record<string, unknown>, settings: Settings = EXISTING_ONLY) => {
      const admission = await admit(given, settings);
      if (!admission.admitted) throw new Error(admission.reason);
      const actor = await readActor(db, { sessionId: admission.session.id });
      if (actor === null) throw new Error("no session");
      return actor;
    },
    /** Invites an address to an organization: `accept` follows the link and signs in. */
    invited: async (email: string, organizationId: string) => {
      const userId = await createMembership(db, { email, organizationId });
      const invite = newLinkToken();
      const expiresAt = new Date(Date.now() + 60_000);
      await db.insert(invites).values({ userId, tokenHash: digest(invite), expiresAt });
      const accept = (given: Record<string, unknown>) =>
        admitByOidc(db, EXISTING_ONLY, claims(given), { ...REQUEST, invite });
      return { userId, accept };
    },
  };
}
