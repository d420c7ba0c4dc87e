import type { OAuthConfig, UserinfoEndpointHandler } from "next-auth/providers/oauth";
import type { OidcSettings } from "./oidc-settings";

/** What next-auth calls the way in, and so a part of the address to register with the issuer. */
export const OIDC_PROVIDER = "oidc";

/** Issuers of all kinds must have time to answer; openid-client's own 3.5 s are few for a cold one. */
const ISSUER_TIMEOUT_MS = 10_000;

type Claims = Record<string, unknown>;
type Admit = OAuthConfig<Claims>["profile"];
type ReadClaims = NonNullable<UserinfoEndpointHandler["request"]>;

/**
 * Single sign-on for next-auth: the code flow with PKCE, state and nonce. The issuer is looked up when
 * somebody signs in, so that Tollgate starts without it.
 * @param admit turns the claims into a user of ours
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
 * The claims of the ID token, which openid-client has checked. By the standard an issuer need not put the
 * e-mail address there; then it is asked for it.
 */
const readClaims: ReadClaims = async ({ tokens, client }) => {
  const claims = payloadOf(tokens.id_token);
  const isComplete = claims.email !== undefined && claims.email_verified !== undefined;
  if (isComplete || tokens.access_token === undefined || !client.issuer.metadata.userinfo_endpoint)
    return claims;
  const more = await client.userinfo(tokens.access_token);
  if (more.sub !== claims.sub) throw new Error("the issuer's userinfo is about somebody else");
  return { ...claims, ...more, iss: claims.iss };
};

function payloadOf(idToken: string | undefined): Claims {
  const [, payload = ""] = idToken?.split(".") ?? [];
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  if (typeof claims !== "object" || claims === null) throw new Error("the ID token has no claims");
  return { ...claims };
}
