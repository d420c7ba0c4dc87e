/**
 * Where to go after signing in: the path that was asked for if it is one of ours, else the overview.
 * Anything that a browser could read as another host ("//evil", "/\evil", "https:…") is not.
 * @param portalUrl where the portal is: next-auth asks for whole addresses there
 */
export function callbackPath(asked: string | string[] | undefined, portalUrl?: string): string {
  if (typeof asked !== "string") return "/";
  const origin = portalUrl !== undefined && URL.canParse(portalUrl) ? new URL(portalUrl).origin : null;
  const path = origin !== null && asked.startsWith(`${origin}/`) ? asked.slice(origin.length) : asked;
  const base = "http://portal.invalid";
  if (!/^\/(?![/\\])/.test(path) || !URL.canParse(path, base)) return "/";
  const url = new URL(path, base);
  return url.origin === base && !url.pathname.startsWith("/sign-in") ? url.pathname + url.search : "/";
}
