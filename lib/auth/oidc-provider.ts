import type { OAuthConfig, UserinfoEndpointHandler } from "next-auth/providers/oauth";
import type { OidcSettings } from "./oidc-settings";

/** The id in next-auth, which is part of the redirect URL to register with the issuer. */
export const OIDC_PROVIDER = "oidc";

/** openid-client's default of 3.5 s is too short for an issuer that starts cold. */
const ISSUER_TIMEOUT_MS = 10_000;

type Claims = Record<string, unknown>;
type Admit = OAuthConfig<Claims>["profile"];
type ReadClaims = NonNullable<UserinfoEndpointHandler["request"]>;

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
    httpOptions: { timeout: ISSUER_TIMEOUT_MS },
    userinfo: { request: readClaims },
    profile: admit,
  };
}

/**
 * The claims of the ID token, which openid-client has verified. The standard lets an issuer leave out the e-mail
 * address, which userinfo then has.
 */
const readClaims: ReadClaims = async ({ tokens, client }) => {
  const claims = payloadOf(tokens.id_token);
  const isComplete = claims.email !== undefined && claims.email_verified !== undefined;
  if (isComplete || tokens.access_token === undefined || !client.issuer.metadata.userinfo_endpoint)
    return claims;
  const more = await client.userinfo(tokens.access_token);
  if (more.sub !== claims.sub) throw new Error("the issuer's userinfo has another subject than its ID token");
  return { ...claims, ...more, iss: claims.iss };
};

function payloadOf(idToken: string | undefined): Claims {
  const [, payload = ""] = idToken?.split(".") ?? [];
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  if (typeof claims !== "object" || claims === null) throw new Error("the ID token has no claims");
  return { ...claims };
}
