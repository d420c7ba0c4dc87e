/**
 * The path to open after signing in: the requested one if it is in the portal, otherwise the overview. Rejects anything
 * that a browser could read as another host ("//evil", "/\evil", "https:…").
 * @param portalUrl the URL of the portal, since next-auth passes absolute URLs
 */
export function callbackPath(requested: string | string[] | undefined, portalUrl?: string): string {
  if (typeof requested !== "string") return "/";
  const origin = portalUrl !== undefined && URL.canParse(portalUrl) ? new URL(portalUrl).origin : null;
  const path =
    origin !== null && requested.startsWith(`${origin}/`) ? requested.slice(origin.length) : requested;
  const base = "http://portal.invalid";
  if (!/^\/(?![/\\])/.test(path) || !URL.canParse(path, base)) return "/";
  const url = new URL(path, base);
  return url.origin === base && !url.pathname.startsWith("/sign-in") ? url.pathname + url.search : "/";
}
