import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { admitByOidc } from "./admit-by-oidc";
import { secretHasher } from "./api-key";
import { OidcClaims } from "./oidc-claims";
import { oidcProvider } from "./oidc-provider";
import { oidcSettings } from "./oidc-settings";
import { sessionOptions } from "./session-options";
import { signIn } from "./sign-in";
import { type SsoRejection, throttledError } from "./sign-in-problem";

declare module "next-auth" {
  interface User {
    /** See lib/auth/session-stamp.ts. */
    stamp: string;
    /** Why a person with a valid single sign-on may not sign in. */
    rejection?: SsoRejection;
  }
}

/** What a sign-in needs from its request, and reports for its response. */
export type SignInRequest = {
  /** The client's address. Null if unknown. */
  address: string | null;
  onThrottled: (retryAfterS: number) => void;
};

/**
 * The options of next-auth: sign-in with e-mail and password, and with single sign-on if configured. A function, since
 * there is no configuration during the build.
 */
export function authOptions(request: SignInRequest): AuthOptions {
  const options = sessionOptions();
  const oidc = oidcSettings(config());
  return {
    ...options,
    providers: [
      Credentials({
        credentials: { email: { type: "email" }, password: { type: "password" } },
        authorize: (credentials) => byPassword(credentials, request),
      }),
      ...(oidc === null
        ? []
        : [oidcProvider(oidc, (claims) => bySingleSignOn(oidc.newUsersJoin, claims, request))]),
    ],
    callbacks: {
      ...options.callbacks,
      signIn: ({ user }) =>
        !("rejection" in user) || user.rejection === undefined || `/sign-in?error=${user.rejection}`,
    },
  };
}

/** @throws an error whose message is a code, since next-auth sends it to the client */
async function byPassword(credentials: unknown, { address, onThrottled }: SignInRequest) {
  const digest = oncePerProcess("hash-secret", () => secretHasher(config().ENCRYPTION_KEY));
  const answer = await signIn(controlDb(), credentials, { address, digest }).catch((error) => {
    log.error({ err: error }, "sign-in failed");
    throw new Error("failed");
  });
  if (answer.outcome === "throttled") {
    onThrottled(answer.retryAfterS);
    throw new Error(throttledError(answer.retryAfterS));
  }
  return answer.outcome === "signed_in" ? answer.user : null;
}

async function bySingleSignOn(newUsersJoin: string | null, given: unknown, { address }: SignInRequest) {
  try {
    const claims = OidcClaims.parse(given);
    const admission = await admitByOidc(controlDb(), { newUsersJoin }, claims, address);
    if (admission.admitted) return admission.user;
    return { id: claims.sub, stamp: "", rejection: admission.reason };
  } catch (error) {
    log.error({ err: error }, "single sign-on failed");
    return { id: "unknown", stamp: "", rejection: "sso-failed" as const };
  }
}
