import { ApiError } from "#lib/http/api-error";
import { parseChat } from "../parse";

/** A message of a user. */
export const user = { role: "user", content: "Hello!" };

/** Parses a chat completion with these fields besides a model and a message. */
export const parse = (fields: object) =>
  parseChat(JSON.stringify({ model: "m", messages: [user], ...fields }));
export const withMessages = (...messages: unknown[]) => parse({ messages });

/** The error of ours that a call throws. */
export function rejectionOf(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was not rejected");
}
