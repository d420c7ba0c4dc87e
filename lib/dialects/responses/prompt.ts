import type { Call } from "#lib/dialects/call";
import { promptWeight } from "#lib/dialects/conversation/prompt-weight";
import { textsOf } from "#lib/dialects/conversation/texts-of";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import type { PromptWeight } from "#lib/dialects/dialect";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { asConversation, itemsOf } from "./as-chat";

/** Weighs a body. */
export const responsesPrompt = (call: Call): PromptWeight =>
  promptWeight(call, parsedBefore(call.json), conversationOf);

/** The instructions, and the texts of messages and of results: others may be summed up. */
export function responsesPromptTexts({ json }: Call): readonly string[] {
  const body = parsedBefore(json);
  const texts = conversationOf(body).messages.flatMap(({ content }) => textsOf(content));
  return typeof body.instructions === "string" ? [body.instructions, ...texts] : texts;
}

/** The items of a body that was checked, as messages. */
export const conversationIn = (json: string): Conversation => conversationOf(parsedBefore(json));

const conversationOf = (body: JsonObject): Conversation => asConversation(itemsOf(body));
