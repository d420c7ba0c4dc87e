import { DIALECTS } from "./registry";

/** Every path of the data plane begins with one of these; both mean the same. */
export const PREFIXES = ["/v1", "/llm/v1"] as const;

/** The endpoints that also answer without a prefix, for clients whose base URL has none. */
export const BARE_PATHS: readonly string[] = DIALECTS.map(({ endpoint }) => `/${endpoint}`);

/**
 * The path below `/v1` that a URL means, without its query and a trailing slash; undefined outside the data
 * plane. The aliases of contract.md are known here and nowhere else.
 */
export function dataPlanePath(url: string): string | undefined {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  for (const prefix of PREFIXES) {
    if (path.startsWith(prefix) && path.charAt(prefix.length) === "/") {
      const below = path.slice(prefix.length);
      return below.length > 1 && below.endsWith("/") ? below.slice(0, -1) : below;
    }
  }
  return BARE_PATHS.includes(path) ? path : undefined;
}
