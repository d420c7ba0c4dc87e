import type { OAuthConfig, TokenEndpointHandler, UserinfoEndpointHandler } from "next-auth/providers/oauth";
import type { OidcSettings } from "./oidc-settings";

/** The id in next-auth, which is part of the redirect URL to register with the issuer. */
export const OIDC_PROVIDER = "oidc";

/** openid-client's default of 3.5 s is too short for an issuer that starts cold. */
const ISSUER_TIMEOUT_MS = 10_000;

type Claims = Record<string, unknown>;
type Admit = OAuthConfig<Claims>["profile"];
type ReadClaims = NonNullable<UserinfoEndpointHandler["request"]>;
type ExchangeCode = NonNullable<TokenEndpointHandler["request"]>;

/**
 * Single sign-on for next-auth: the code flow with PKCE, state and nonce. The issuer is contacted at sign-in, so that
 * Tollgate starts without it.
 * @param admit maps the claims to a user
 */
export function oidcProvider(
  { issuer, clientId, clientSecret }: OidcSettings,
  admit: Admit,
): OAuthConfig<Claims> {
  return {
    id: OIDC_PROVIDER,
    name: "Single sign-on",
    type: "oauth",
    wellKnown: `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    authorization: { params: { scope: "openid email profile" } },
    checks: ["pkce", "state", "nonce"],
    idToken: true,
    token: { request: exchangeCode(issuer) },
    httpOptions: { timeout: ISSUER_TIMEOUT_MS },
    userinfo: { request: readClaims(issuer) },
    profile: admit,
  };
}

/**
 * Exchanges the code, with openid-client's checks, once the discovered issuer is known to be the configured one, to the
 * character (OpenID Connect Discovery 1.0, section 4.3): else another issuer's people could sign in as this one's.
 */
const exchangeCode =
  (configured: string): ExchangeCode =>
  async ({ client, params, checks, provider }) => {
    requireIssuer(client.issuer.metadata.issuer, configured);
    return { tokens: await client.callback(provider.callbackUrl, params, checks) };
  };

function requireIssuer(discovered: unknown, configured: string): void {
  if (discovered !== configured) throw wrongIssuer("a configuration", discovered, configured);
}

const wrongIssuer = (what: string, found: unknown, configured: string): Error =>
  new Error(
    `OIDC_ISSUER is ${configured} and returned ${what} of the issuer ${String(found)}. If that is the one you mean, set OIDC_ISSUER to exactly this.`,
  );

/**
 * The claims of the ID token, which openid-client has verified; its `iss` is OIDC_ISSUER too. The standard lets an issuer
 * leave out the e-mail address, which userinfo then has.
 */
const readClaims =
  (configured: string): ReadClaims =>
  async ({ tokens, client }) => {
    const claims = payloadOf(tokens.id_token);
    if (claims.iss !== configured) throw wrongIssuer("an ID token", claims.iss, configured);
    const isComplete = claims.email !== undefined && claims.email_verified !== undefined;
    if (isComplete || tokens.access_token === undefined || !client.issuer.metadata.userinfo_endpoint)
      return claims;
    const more = await client.userinfo(tokens.access_token);
    if (more.sub !== claims.sub)
      throw new Error("the issuer's userinfo has another subject than its ID token");
    return { ...claims, ...more, iss: claims.iss };
  };

function payloadOf(idToken: string | undefined): Claims {
  const [, payload = ""] = idToken?.split(".") ?? [];
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  if (typeof claims !== "object" || claims === null) throw new Error("the ID token has no claims");
  return { ...claims };
}
