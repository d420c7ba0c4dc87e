import type { AuthOptions, User } from "next-auth";
import type { JWT } from "next-auth/jwt";
import { config } from "#lib/config/config";
import { log } from "#lib/observability/log";
import { callbackPath } from "./callback-path";
import { SessionEnded } from "./read-actor";
import { SESSION_S } from "./session-record";

declare module "next-auth" {
  interface Session {
    sessionId: string;
  }
}

declare module "next-auth/jwt" {
  interface JWT {
    /** The end of the session in ms since 1970, however often its cookie is renewed. */
    until?: number;
  }
}

/**
 * The options of next-auth for reading a session: an encrypted cookie that expires twelve hours after the sign-in.
 * NEXTAUTH_URL, which start-up sets, determines the host and whether cookies are Secure, so that no forwarded header is
 * used. Vercel, which writes that header itself, has no NEXTAUTH_URL.
 */
export function sessionOptions() {
  return {
    secret: config().NEXTAUTH_SECRET,
    session: { strategy: "jwt", maxAge: SESSION_S },
    // The default logger writes to the console, and not in JSON.
    logger: {
      error: (code, metadata) => {
        const err = metadata instanceof Error ? metadata : metadata.error;
        if (!(err instanceof SessionEnded)) log.warn({ code, err }, "next-auth failed");
      },
      warn: (code) => log.debug({ code }, "next-auth warning"),
      debug: () => {},
    },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [],
    callbacks: {
      jwt: ({ token, user }) => sessionToken(token, user),
      session: ({ session, token }) => ({
        expires: session.expires,
        sessionId: token.sub ?? "",
      }),
      // Every redirect after signing in or out, also by single sign-on: `url` may come from the address or a cookie.
      redirect: ({ url, baseUrl }) => baseUrl + callbackPath(url, baseUrl),
    },
  } satisfies AuthOptions;
}

/**
 * The content of a session's cookie: its id (`user.id` of a sign-in), until the session ends. next-auth extends the
 * cookie by twelve hours whenever it writes it, so the end is stored in the content.
 */
export function sessionToken(token: JWT, user: User | undefined, nowMs = Date.now()): JWT {
  if (user) return { sub: user.id, until: nowMs + SESSION_S * 1000 };
  return (token.until ?? 0) > nowMs ? token : {};
}
