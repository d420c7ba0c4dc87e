/** The origin that paths are resolved at if the portal's is unknown. */
const ANY_ORIGIN = "http://portal.invalid";

/**
 * The path to open after signing in or out, by any method: the requested one if it is in the portal, otherwise the
 * overview. It judges the resulting URL, not the text, because a browser reads "/\evil", "/..//evil" and "/\t/evil" as
 * another host, too: the result is normalized (ASCII without spaces, backslashes in the path or dot segments) and a
 * browser resolves it to the portal's origin.
 * @param portalUrl the URL of the portal, since next-auth passes absolute URLs
 */
export function callbackPath(requested: string | string[] | undefined, portalUrl?: string): string {
  if (typeof requested !== "string") return "/";
  const origin = portalUrl !== undefined && URL.canParse(portalUrl) ? new URL(portalUrl).origin : ANY_ORIGIN;
  // A path, or a URL of the portal. Anything else, such as "https:evil" or " //evil", is no link of ours.
  if (!requested.startsWith("/") && !requested.startsWith(`${origin}/`)) return "/";
  if (!URL.canParse(requested, origin)) return "/";
  const url = new URL(requested, origin);
  const path = url.pathname + url.search;
  if (url.origin !== origin || resolvedOrigin(path, origin) !== origin) return "/";
  // Two slashes or backslashes in front, however encoded, are no page, and proxies may decode them.
  if (/^\/(?:[/\\]|%2f|%5c)/i.test(path) || url.pathname.startsWith("/sign-in")) return "/";
  return path;
}

/** The origin that a browser opens for a path in the portal; null if it is no URL. */
const resolvedOrigin = (path: string, origin: string): string | null =>
  URL.canParse(path, origin) ? new URL(path, origin).origin : null;
