/** Headers that concern one connection (RFC 9110, 7.6.1, and those of proxies), and are not passed on. */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
