/**
 * Where a request of the data plane goes: its path under `/v1/`, with the aliases of the contract
 * resolved, or undefined for the portal. app/ has routes for the same aliases, for the other mount.
 */
export function gatewayPath(url: string): string | undefined {
  return aliasedPath(url) ?? aliasedPath(plainPath(url));
}

function aliasedPath(url: string): string | undefined {
  if (url.startsWith("/v1/")) return url;
  if (url.startsWith("/llm/v1/")) return url.slice("/llm".length);
  if (url === "/chat/completions" || url.startsWith("/chat/completions?")) return `/v1${url}`;
  return undefined;
}

/** Without `.`, `..` and a fragment, as Next reads it: no way round leads to the route handlers behind the portal. */
function plainPath(url: string): string {
  if (!URL.canParse(`http://tollgate${url}`)) return url;
  const { pathname, search } = new URL(`http://tollgate${url}`);
  return pathname + search;
}
