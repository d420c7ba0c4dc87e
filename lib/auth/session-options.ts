import type { AuthOptions, User } from "next-auth";
import type { JWT } from "next-auth/jwt";
import { config } from "#lib/config/config";
import { log } from "#lib/observability/log";

declare module "next-auth" {
  interface Session {
    userId: string;
    stamp: string;
  }
}

declare module "next-auth/jwt" {
  interface JWT {
    stamp?: string;
    /** When the session is over, in ms since 1970, however often its cookie is renewed. */
    until?: number;
  }
}

const TWELVE_HOURS_S = 12 * 60 * 60;

/**
 * What reading a session takes of next-auth: an encrypted cookie that ends twelve hours after the sign-in.
 * NEXTAUTH_URL, which boot sets, decides whether cookies are Secure and which host is ours, so that no
 * forwarded header is asked (but on Vercel, which writes it itself, where NEXTAUTH_URL is not given).
 */
export function sessionOptions() {
  return {
    secret: config().NEXTAUTH_SECRET,
    session: { strategy: "jwt", maxAge: TWELVE_HOURS_S },
    // Its own would write to the console, and not as JSON.
    logger: {
      error: (code, metadata) =>
        log.warn({ code, err: metadata instanceof Error ? metadata : metadata.error }, "next-auth failed"),
      warn: (code) => log.debug({ code }, "next-auth warns"),
      debug: () => {},
    },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [],
    callbacks: {
      jwt: ({ token, user }) => sessionToken(token, user),
      session: ({ session, token }) => ({
        expires: session.expires,
        userId: token.sub ?? "",
        stamp: token.stamp ?? "",
      }),
      redirect: ({ url, baseUrl }) => {
        const wanted = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : null;
        return wanted?.origin === baseUrl ? wanted.href : baseUrl;
      },
    },
  } satisfies AuthOptions;
}

/**
 * What a session's cookie holds: of a sign-in, its user; later the same, until the session is over.
 * next-auth gives every cookie that it writes another twelve hours, so the end is kept here.
 */
export function sessionToken(token: JWT, user: User | undefined, nowMs = Date.now()): JWT {
  if (user) return { sub: user.id, stamp: user.stamp, until: nowMs + TWELVE_HOURS_S * 1000 };
  return (token.until ?? 0) > nowMs ? token : {};
}
