import { expect } from "vitest";
import { sentBy } from "#lib/translation/testing/translate";
import { converseFault } from "./strict";

/** A chat completion as Bedrock gets it, which takes it unless it is refused before. */
export const chatSent = (model: string, fields: object) => sent("chat", model, fields);

/** The same of a message. */
export const messageSent = (model: string, fields: object) =>
  sent("messages", model, { max_tokens: 9_000, ...fields });

function sent(dialect: string, model: string, fields: object) {
  const body = { model: "m", messages: [{ role: "user", content: "Hello!" }], ...fields };
  const result = sentBy(dialect, "converse", model, body);
  if (result.refused.length === 0) expect(converseFault(model, result.sent)).toBeNull();
  return result;
}
