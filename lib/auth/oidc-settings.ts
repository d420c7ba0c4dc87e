import type { Config } from "#lib/config/config";

/** What single sign-on needs to know; the environment's checks have made sure that it is complete. */
export type OidcSettings = {
  /** As configured; what an ID token calls its issuer is what counts. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The name or id of the organization that new people join; null: only whoever is known may sign in. */
  newUsersJoin: string | null;
};

type Variables = Pick<
  Config,
  "OIDC_ISSUER" | "OIDC_CLIENT_ID" | "OIDC_CLIENT_SECRET" | "OIDC_NEW_USERS" | "OIDC_ORGANIZATION"
>;

/** Single sign-on as configured; null where it is not. */
export function oidcSettings(variables: Variables): OidcSettings | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NEW_USERS, OIDC_ORGANIZATION } = variables;
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || OIDC_CLIENT_SECRET === undefined)
    return null;
  return {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    newUsersJoin: OIDC_NEW_USERS === "create" ? (OIDC_ORGANIZATION ?? null) : null,
  };
}
