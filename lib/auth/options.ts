import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { secretHasher } from "#lib/auth/api-key";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { admitByOidc } from "./admit-by-oidc";
import { OidcClaims } from "./oidc-claims";
import { oidcProvider } from "./oidc-provider";
import { oidcSettings } from "./oidc-settings";
import { sessionOptions } from "./session-options";
import { signIn } from "./sign-in";
import { type SsoRefusal, throttledError } from "./sign-in-problem";

declare module "next-auth" {
  interface User {
    /** See lib/auth/session-stamp.ts. */
    stamp: string;
    /** Somebody whom single sign-on knows, and we do not let in. */
    refusal?: SsoRefusal;
  }
}

/** What a sign-in must know of its request, and tells its answer. */
export type SignInDoor = {
  /** The client's; null where it is not known. */
  address: string | null;
  onThrottled: (retryAfterS: number) => void;
};

/**
 * How people sign in: next-auth with e-mail and password, and with single sign-on where it is configured.
 * A function, since the configuration is not there while building.
 */
export function authOptions(door: SignInDoor): AuthOptions {
  const options = sessionOptions();
  const oidc = oidcSettings(config());
  return {
    ...options,
    providers: [
      Credentials({
        credentials: { email: { type: "email" }, password: { type: "password" } },
        authorize: (credentials) => byPassword(credentials, door),
      }),
      ...(oidc === null
        ? []
        : [oidcProvider(oidc, (claims) => bySingleSignOn(oidc.newUsersJoin, claims, door))]),
    ],
    callbacks: {
      ...options.callbacks,
      signIn: ({ user }) =>
        !("refusal" in user) || user.refusal === undefined || `/sign-in?error=${user.refusal}`,
    },
  };
}

/** @throws with a code for a message: next-auth shows what was thrown to the client */
async function byPassword(credentials: unknown, { address, onThrottled }: SignInDoor) {
  const digest = oncePerProcess("hash-secret", () => secretHasher(config().ENCRYPTION_KEY));
  const answer = await signIn(controlDb(), credentials, { address, digest }).catch((error) => {
    log.error({ err: error }, "a sign-in failed");
    throw new Error("failed");
  });
  if (answer.outcome === "throttled") {
    onThrottled(answer.retryAfterS);
    throw new Error(throttledError(answer.retryAfterS));
  }
  return answer.outcome === "signed_in" ? answer.user : null;
}

async function bySingleSignOn(newUsersJoin: string | null, given: unknown, { address }: SignInDoor) {
  try {
    const claims = OidcClaims.parse(given);
    const admission = await admitByOidc(controlDb(), { newUsersJoin }, claims, address);
    if (admission.admitted) return admission.user;
    return { id: claims.sub, stamp: "", refusal: admission.reason };
  } catch (error) {
    log.error({ err: error }, "a single sign-on failed");
    return { id: "nobody", stamp: "", refusal: "sso-failed" as const };
  }
}
