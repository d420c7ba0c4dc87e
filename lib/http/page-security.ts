import { randomBytes } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import { addressSet, plainAddress } from "#lib/config/address-ranges";
import type { Config } from "#lib/config/config";
import { PEER_HEADER, stampedPeer } from "./peer-stamp";

/** In a response the policy, and in a request the place where Next looks for the nonce. */
export const POLICY_HEADER = "content-security-policy";

/**
 * The paths of pages, and the data plane's aliases without a prefix, for which a policy does no harm. That of proxy.ts,
 * which Next reads from the source, is the same (app/proxied-pages.test.ts).
 */
export const PAGE_PATHS =
  "/((?!_next/|api/|anthropic/|llm/|openai/|v1/|v2/|health$|livez$|metrics$|readyz$).*)";

const PAGE_PATH = new RegExp(`^${PAGE_PATHS}$`);

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
export const pagePolicy = (development: boolean, nonce = randomBytes(16).toString("base64")): string =>
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

/**
 * Gives the pages of every server in this process their policy, and HSTS, before Next sees the request. It does what
 * proxy.ts does elsewhere (Vercel, development), which costs 1 ms of CPU a page. Call it before anything is served.
 */
export function stampEveryPage(settings: Settings): void {
  const isHttps = httpsReader(settings);
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null) return;
    if (!("request" in message) || !("response" in message)) return;
    const { request, response } = message;
    if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return;
    // A client's own would look like ours, and leave the response without a policy.
    delete request.headers[POLICY_HEADER];
    if (!isPage(request)) return;
    const policy = pagePolicy(false);
    request.headers[POLICY_HEADER] = policy;
    response.setHeader(POLICY_HEADER, policy);
    if (isHttps({ get: (name) => headerOf(request, name) })) {
      response.setHeader("strict-transport-security", HSTS);
    }
  });
}

/** Whether a browser opens a document, as proxy.ts tells by its matcher. */
function isPage(request: IncomingMessage): boolean {
  const { accept = "", rsc, "next-action": action } = request.headers;
  if (rsc !== undefined || action !== undefined || !accept.includes("text/html")) return false;
  return PAGE_PATH.test((request.url ?? "/").split("?", 1)[0] ?? "/");
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}
