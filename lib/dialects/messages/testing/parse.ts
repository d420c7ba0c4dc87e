import type { Call } from "#lib/dialects/call";
import { ApiError } from "#lib/http/api-error";
import { parseMessages } from "../parse";

/** A message of a user. */
export const user = { role: "user", content: "Hello!" };

/** The text of a request for a message, with these fields besides a model, a bound and a message. */
export const bodyWith = (fields: object): string =>
  JSON.stringify({ model: "m", max_tokens: 100, messages: [user], ...fields });
export const parse = (fields: object): Call => parseMessages(bodyWith(fields));
export const withBlocks = (...content: unknown[]): Call => parse({ messages: [{ role: "user", content }] });

/** The error of ours that a body is rejected with; null for one that is accepted. */
export function rejectionOf(fields: object): { code: string; param: string | null } | null {
  try {
    parse(fields);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, param: error.param };
    throw error;
  }
}
