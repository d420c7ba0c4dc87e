import { DIALECTS } from "./registry";

/** Every path of the data plane begins with one of these; they mean the same. */
export const PREFIXES: readonly string[] = ["/v1", "/llm/v1"];

/** The endpoints that also answer without a prefix, for clients whose base URL has none. */
export const BARE_PATHS: readonly string[] = [
  ...DIALECTS.map(({ endpoint }) => `/${endpoint}`),
  ...DIALECTS.flatMap(({ counting }) => (counting === null ? [] : [`/${counting.endpoint}`])),
  "/me",
];

/** With which the paths of other gateways begin: a client with a wrong base URL gets a 404 in JSON, not a page. */
const OTHERS_PARTS: readonly string[] = ["anthropic", "openai", "v2"];

/**
 * The first parts of paths that are the API's only for a client with an API credential: without one, `/models` is the
 * portal's, and below the others is nothing.
 */
export const CLIENTS_PARTS: readonly string[] = [
  "models",
  ...new Set(BARE_PATHS.map((path) => path.split("/")[1] ?? "")),
  ...OTHERS_PARTS,
];
const CLIENTS_PATH = new RegExp(`^/(?:${CLIENTS_PARTS.join("|")})(?:[/?]|$)`);

/**
 * The URL under `/v1` that a URL of the data plane means, with its query; undefined for the portal's. The aliases
 * of contract.md are known here and nowhere else: app/ has a route file, or next.config.ts a rewrite, for each
 * (paths.test.ts).
 */
export function dataPlaneUrl(url: string, hasCredential: () => boolean): string | undefined {
  const resolved = resolveAlias(url) ?? resolveAlias(withoutDots(url));
  if (resolved !== undefined) return resolved;
  return CLIENTS_PATH.test(url) && hasCredential() ? `/v1${url}` : undefined;
}

/** The path below `/v1`, without a query and a trailing slash: `/models/gpt-5`. */
export function dataPlanePath(url: string): string | undefined {
  const resolved = resolveAlias(url) ?? (CLIENTS_PATH.test(url) ? `/v1${url}` : undefined);
  if (resolved === undefined) return undefined;
  const query = resolved.indexOf("?");
  const path = resolved.slice("/v1".length, query === -1 ? undefined : query);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function resolveAlias(url: string): string | undefined {
  if (url.startsWith("/v1/")) return url;
  for (const prefix of PREFIXES) {
    if (url.startsWith(prefix) && url.charAt(prefix.length) === "/") return `/v1${url.slice(prefix.length)}`;
  }
  for (const path of BARE_PATHS) {
    if (url === path || url.startsWith(`${path}?`)) return `/v1${url}`;
  }
  return undefined;
}

/** Resolves `.` and `..` and drops a fragment, as Next does: no detour leads to the route handlers. */
function withoutDots(url: string): string {
  if (!URL.canParse(`http://tollgate${url}`)) return url;
  const { pathname, search } = new URL(`http://tollgate${url}`);
  return pathname + search;
}
