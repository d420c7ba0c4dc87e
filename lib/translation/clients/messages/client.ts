import { messages } from "#lib/dialects/messages/dialect";
import type { ClientFormat } from "#lib/translation/format";
import { decodeMessages } from "./decode";
import { messagesWriter } from "./write";

/** Anthropic's messages. */
export const messagesClient: ClientFormat = {
  dialect: messages,
  decode: decodeMessages,
  writer: messagesWriter,
};
