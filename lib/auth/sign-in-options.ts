import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { acceptByPassword } from "./accept-by-password";
import { admitByOidc } from "./admit-by-oidc";
import { hashingSecrets, secretHash } from "./hashing-secrets";
import { OidcClaims } from "./oidc-claims";
import { oidcProvider } from "./oidc-provider";
import { oidcSettings } from "./oidc-settings";
import { requireOpen } from "./read-actor";
import { resetByPassword } from "./reset-by-password";
import { sessionOptions, sessionToken } from "./session-options";
import { type SessionOrigin, signOut } from "./session-record";
import { signIn } from "./sign-in";
import { type InviteRejection, type SsoRejection, throttledError } from "./sign-in-problem";

declare module "next-auth" {
  interface User {
    /** Why a person with a valid single sign-on may not sign in. */
    rejection?: SsoRejection | InviteRejection;
  }
}

/** What a sign-in needs from its request, and reports for its response. */
export type SignInRequest = SessionOrigin & {
  /** The token of the invite whose page sent the person to the issuer. */
  invite?: string;
  onThrottled: (retryAfterS: number) => void;
};

/**
 * The options of next-auth: sign-in with e-mail and password, by accepting an invite, by setting a new password, and
 * with single sign-on if configured. A function, since there is no configuration during the build.
 */
export function authOptions(request: SignInRequest): AuthOptions {
  const options = sessionOptions();
  const oidc = oidcSettings(config());
  return {
    ...options,
    providers: [
      Credentials({
        credentials: { email: { type: "email" }, password: { type: "password" }, invite: {} },
        authorize: (credentials) => byPassword(credentials, request),
      }),
      Credentials({
        id: "invite",
        credentials: { invite: {}, password: { type: "password" } },
        authorize: (credentials) => byInvite(credentials, request),
      }),
      Credentials({
        id: "reset",
        credentials: { reset: {}, password: { type: "password" } },
        authorize: (credentials) => byReset(credentials, request),
      }),
      ...(oidc === null
        ? []
        : [oidcProvider(oidc, (claims) => bySingleSignOn(oidc.newUsersJoin, claims, request))]),
    ],
    callbacks: {
      ...options.callbacks,
      // Of GET /api/auth/session, too: a copy of the cookie learns nothing after the sign-out.
      jwt: async ({ token, user }) => {
        const content = sessionToken(token, user);
        if (user === undefined) await requireOpen(controlDb(), { sessionId: content.sub ?? "" });
        return content;
      },
      signIn: ({ user }) =>
        !("rejection" in user) || user.rejection === undefined || `/sign-in?error=${user.rejection}`,
    },
    events: {
      signOut: async ({ token }) => {
        if (token?.sub !== undefined) await signOut(controlDb(), token.sub, request.address);
      },
    },
  };
}

/** @throws an error whose message is a code, since next-auth sends it to the client */
async function byPassword(credentials: unknown, { address, userAgent, onThrottled }: SignInRequest) {
  const origin = { address, userAgent, digest: secretHash(), hashing: hashingSecrets() };
  const answer = await signIn(controlDb(), credentials, origin).catch(failed);
  if (answer.outcome === "throttled") {
    onThrottled(answer.retryAfterS);
    throw new Error(throttledError(answer.retryAfterS));
  }
  if (answer.outcome === "not_accepted") throw new Error(answer.reason);
  return answer.outcome === "signed_in" ? answer.session : null;
}

/** @throws an error whose message is a code, as above */
async function byInvite(given: unknown, { address, userAgent }: SignInRequest) {
  const settings = { hashSecret: secretHash(), hashing: hashingSecrets() };
  const origin = { address, userAgent };
  const answer = await acceptByPassword(controlDb(), given, { ...settings, origin }).catch(failed);
  if (!answer.accepted) throw new Error(answer.reason);
  return answer.session;
}

/** @throws an error whose message is a code, as above */
async function byReset(given: unknown, { address, userAgent }: SignInRequest) {
  const settings = { hashSecret: secretHash(), hashing: hashingSecrets() };
  const withMail = config().SMTP_URL !== undefined;
  const origin = { address, userAgent };
  const answer = await resetByPassword(controlDb(), given, { ...settings, origin, withMail }).catch(failed);
  if (!answer.reset) throw new Error(answer.reason);
  return answer.session;
}

function failed(error: unknown): never {
  log.error({ err: error }, "sign-in failed");
  throw new Error("failed");
}

async function bySingleSignOn(newUsersJoin: string | null, given: unknown, request: SignInRequest) {
  const { address, userAgent, invite } = request;
  try {
    const claims = OidcClaims.parse(given);
    const sso = { origin: { address, userAgent }, invite, hashSecret: secretHash() };
    const admission = await admitByOidc(controlDb(), { newUsersJoin }, claims, sso);
    if (admission.admitted) return admission.session;
    return { id: claims.sub, rejection: admission.reason };
  } catch (error) {
    log.error({ err: error }, "single sign-on failed");
    return { id: "unknown", rejection: "sso-failed" as const };
  }
}
