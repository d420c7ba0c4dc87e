import { addressSet, plainAddress } from "#lib/config/address-ranges";
import type { Config } from "#lib/config/config";
import { PEER_HEADER, stampedPeer } from "./peer-stamp";

const ONE_YEAR_S = 31_536_000;

/** The value of Strict-Transport-Security. Without subdomains, which may be other services. */
export const HSTS = `max-age=${ONE_YEAR_S}`;

/**
 * The Content-Security-Policy of one page. Everything comes from our own origin, and inline scripts run only with the
 * page's nonce, which Next reads from this policy in the request. Without 'strict-dynamic', under which a script may
 * write others. Styles may be inline: server HTML has style attributes (bars and gauges), and Radix, Recharts and
 * Swagger UI write styles at run time.
 * @param development React evaluates code there, and the page reloads over a socket
 */
export const pagePolicy = (nonce: string, development: boolean): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

type Settings = Pick<Config, "NEXTAUTH_URL" | "TRUSTED_PROXIES" | "VERCEL">;

/**
 * Creates the function that decides, from a request's headers, whether browsers reach the portal by HTTPS: its URL says
 * so, or the trusted proxy in front does. On Vercel the platform writes the header.
 */
export function httpsReader({ NEXTAUTH_URL, TRUSTED_PROXIES, VERCEL }: Settings) {
  const trusted = addressSet(TRUSTED_PROXIES);
  return (headers: { get: (name: string) => string | null }): boolean => {
    if (NEXTAUTH_URL?.startsWith("https:")) return true;
    const peer = plainAddress(stampedPeer(headers.get(PEER_HEADER)) ?? "");
    if (!VERCEL && !(peer !== null && trusted.has(peer))) return false;
    // The last entry is that of the nearest proxy.
    return headers.get("x-forwarded-proto")?.split(",").pop()?.trim().toLowerCase() === "https";
  };
}
