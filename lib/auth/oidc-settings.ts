import type { Config } from "#lib/config/config";

/** The settings of single sign-on. lib/config checks that they are complete. */
export type OidcSettings = {
  /** As configured. The discovered `issuer` and the `iss` of ID tokens must be equal to it. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The name or id of the organization that new people join. Null if only existing users may sign in. */
  newUsersJoin: string | null;
};

type Variables = Pick<
  Config,
  "OIDC_ISSUER" | "OIDC_CLIENT_ID" | "OIDC_CLIENT_SECRET" | "OIDC_NEW_USERS" | "OIDC_ORGANIZATION"
>;

/** @returns null unless single sign-on is configured */
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
