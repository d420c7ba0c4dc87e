import { z } from "zod";
import { CONNECTION_HEADERS } from "#lib/config/connection-headers";

const MAX_HEADERS = 50;
const NAME = /^[A-Za-z0-9][\w!#$%&'*+.^`|~-]{0,99}$/;
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,3998}[\x21-\x7e])?$/;

/** Those that say how a message travels: of one connection, or of the body that Tollgate writes. */
const OF_THE_CONNECTION = new Set([
  ...CONNECTION_HEADERS,
  "content-encoding",
  "content-length",
  "host",
  "http2-settings",
]);
/** Those that each request has (exchange.ts, provider-request.ts), or that follow the client (passed-headers.ts). */
const OWN = new Set([
  "accept",
  "accept-encoding",
  "anthropic-beta",
  "anthropic-version",
  "content-type",
  "user-agent",
  "x-request-id",
]);

/** The setting for headers that are sent with every request. */
export const ExtraHeaders = z
  .record(z.string(), z.string().regex(VALUE, "Use up to 4000 printable ASCII characters.").nullable())
  .superRefine((headers, ctx) => {
    const seen = new Set<string>();
    const names = Object.keys(headers);
    if (names.length > MAX_HEADERS) {
      ctx.addIssue({ code: "custom", message: `At most ${MAX_HEADERS} headers are possible.` });
      return;
    }
    for (const name of names) {
      const message = problemWith(name) ?? (seen.has(name.toLowerCase()) ? "Name each header once." : null);
      if (message !== null) ctx.addIssue({ code: "custom", path: [name], message });
      seen.add(name.toLowerCase());
    }
  })
  .optional()
  .describe(
    'Headers that are sent with every request, like `{"x-title": "Acme"}`. Their values are stored encrypted and never returned: a response has null for each. In a change, null keeps the stored value, and a name that is left out is removed.',
  );

function problemWith(name: string): string | null {
  const lower = name.toLowerCase();
  if (!NAME.test(name)) return "Not a header name: use letters, digits and dashes.";
  if (lower === "authorization") return "Give the API key as `credentials`: it is sent in this header.";
  if (OF_THE_CONNECTION.has(lower)) return "This header belongs to the connection and cannot be set.";
  return OWN.has(lower) ? "Tollgate sets this header itself." : null;
}

/** What must not be quoted of a header's value: all of it, and the token after a scheme such as `Bearer`. */
export function secretsInHeader(value: string): readonly string[] {
  const [, token] = /^[A-Za-z][\w-]{0,30} (\S+)$/.exec(value) ?? [];
  return token === undefined ? [value] : [value, token];
}
