import { DIALECTS } from "./registry";

/** Every path of the data plane begins with one of these; they mean the same. */
export const PREFIXES: readonly string[] = ["/v1", "/llm/v1"];

/** The endpoints that also answer without a prefix, for clients whose base URL has none. */
export const BARE_PATHS: readonly string[] = [
  ...DIALECTS.map(({ endpoint }) => `/${endpoint}`),
  ...DIALECTS.flatMap(({ counting }) => (counting === null ? [] : [`/${counting.endpoint}`])),
  "/me",
];

/**
 * The first parts of paths below which everything is the API's: our prefixes, and those of other gateways, whose clients
 * get an error that says what to use.
 */
export const OWN_PARTS: readonly string[] = [
  ...new Set(PREFIXES.map(firstPart)),
  "anthropic",
  "openai",
  "v2",
];

/**
 * The first parts of paths that are the API's only for a client with an API credential: without one, `/models` is the
 * portal's, and below the others is nothing.
 */
export const CLIENTS_PARTS: readonly string[] = ["models", ...new Set(BARE_PATHS.map(firstPart))];

const beginsWith = (parts: readonly string[]) => new RegExp(`^/(?:${parts.join("|")})(?:[/?]|$)`);
const OWN_PATH = beginsWith(OWN_PARTS);
const CLIENTS_PATH = beginsWith(CLIENTS_PARTS);
const BARE_PATH = new RegExp(`^(?:${BARE_PATHS.join("|")})(?:\\?|$)`);

/**
 * A URL of the data plane, without detours (`/keys/../v1/me`); undefined for the portal's. The aliases of contract.md are
 * known here and nowhere else: app/ has a route file, or next.config.ts a rewrite, for each (paths.test.ts).
 */
export function dataPlaneUrl(url: string, hasCredential: () => boolean): string | undefined {
  if (isOurs(url)) return url;
  const direct = withoutDots(url);
  if (isOurs(direct)) return direct;
  return CLIENTS_PATH.test(url) && hasCredential() ? url : undefined;
}

const isOurs = (url: string): boolean => OWN_PATH.test(url) || BARE_PATH.test(url);

/** The path below `/v1` that a URL means, without a query and a trailing slash: `/models/gpt-5`. */
export function dataPlanePath(url: string): string | undefined {
  if (!OWN_PATH.test(url) && !CLIENTS_PATH.test(url)) return undefined;
  const prefix = PREFIXES.find((each) => url.startsWith(each) && url.charAt(each.length) === "/") ?? "";
  const query = url.indexOf("?");
  const path = url.slice(prefix.length, query === -1 ? undefined : query);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function firstPart(path: string): string {
  return path.split("/")[1] ?? "";
}

/** Resolves `.` and `..` and drops a fragment, as Next does: no detour leads to the route handlers. */
function withoutDots(url: string): string {
  if (!URL.canParse(`http://tollgate${url}`)) return url;
  const { pathname, search } = new URL(`http://tollgate${url}`);
  return pathname + search;
}
