import type { Call } from "#lib/dialects/call";
import { promptWeight } from "#lib/dialects/conversation/prompt-weight";
import { textsOf } from "#lib/dialects/conversation/texts-of";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import type { PromptWeight } from "#lib/dialects/dialect";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";

/** Weighs a body. */
export const chatPrompt = (call: Call): PromptWeight =>
  promptWeight(call, parsedBefore(call.json), chatConversation);

/** The texts of the messages. */
export const chatPromptTexts = ({ json }: Call): readonly string[] =>
  chatConversation(parsedBefore(json)).messages.flatMap(({ content }) => textsOf(content));

/** The messages of a body. */
export const chatConversation = ({ messages }: JsonObject): Conversation => ({
  field: "messages",
  messages: Array.isArray(messages) ? messages.filter(isObject) : [],
});
