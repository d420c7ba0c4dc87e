import type { Call } from "#lib/dialects/call";
import { promptWeight } from "#lib/dialects/conversation/prompt-weight";
import { textsOf } from "#lib/dialects/conversation/texts-of";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import type { PromptWeight } from "#lib/dialects/dialect";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import type { Parsed } from "./growth";
import { asChat, messagesIn } from "./view";

/** Weighs a body: its system prompt and its tools, too. */
export const messagesPrompt = (call: Call): PromptWeight =>
  promptWeight(call, parsedBefore(call.json), (body) => ({ field: "messages", messages: messagesIn(body) }));

/** The texts of the messages. */
export const messagesPromptTexts = ({ json }: Call): readonly string[] =>
  messagesIn(parsedBefore(json)).flatMap(({ content }) => textsOf(content));

/** The conversation of a body in the form that chat templates take. */
export const chatOf = ({ body, plain }: Parsed): Conversation => ({
  field: "messages",
  messages: asChat(body.system, plain),
});
