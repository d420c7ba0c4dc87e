/**
 * Where to go after signing in: the path that was asked for if it is one of ours, else the overview.
 * Anything that a browser could read as another host ("//evil", "/\evil", "https:…") is not.
 */
export function callbackPath(asked: string | string[] | undefined): string {
  if (typeof asked !== "string" || !/^\/(?![/\\])/.test(asked)) return "/";
  const base = "http://portal.invalid";
  if (!URL.canParse(asked, base)) return "/";
  const url = new URL(asked, base);
  return url.origin === base && !url.pathname.startsWith("/sign-in") ? url.pathname + url.search : "/";
}
