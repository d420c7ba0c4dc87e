/**
 * Where a request of the data plane goes: its path under `/v1/`, with the aliases of the contract
 * resolved, or undefined for the portal. app/ has routes for the same aliases, for the other mount.
 */
export function gatewayPath(url: string): string | undefined {
  if (url.startsWith("/v1/")) return url;
  if (url.startsWith("/llm/v1/")) return url.slice("/llm".length);
  if (url === "/chat/completions" || url.startsWith("/chat/completions?")) return `/v1${url}`;
  return undefined;
}
