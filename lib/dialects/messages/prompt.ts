import type { Call } from "#lib/dialects/call";
import { promptWeight } from "#lib/dialects/conversation/prompt-weight";
import { textsOf } from "#lib/dialects/conversation/texts-of";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import type { PromptWeight } from "#lib/dialects/dialect";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { asChat, withoutSettings } from "./view";

/** Weighs a body: its system prompt and its tools, too. */
export const messagesPrompt = (call: Call): PromptWeight =>
  promptWeight(call, parsedBefore(call.json), (body) => ({ field: "messages", messages: messagesIn(body) }));

/** The texts of the messages. */
export const messagesPromptTexts = ({ json }: Call): readonly string[] =>
  messagesIn(parsedBefore(json)).flatMap(({ content }) => textsOf(content));

/** The conversation of a body in the form that chat templates take. */
export function chatOf(json: string): Conversation {
  const body = parsedBefore(json);
  return { field: "messages", messages: asChat(body.system, withoutSettings(messagesIn(body))) };
}

const messagesIn = ({ messages }: JsonObject): readonly JsonObject[] =>
  Array.isArray(messages) ? messages.filter(isObject) : [];
