import { chat } from "#lib/dialects/chat/dialect";
import type { ClientFormat } from "#lib/translation/format";
import { decodeChat } from "./decode";
import { chatWriter } from "./write";

/** OpenAI's chat completions. */
export const chatClient: ClientFormat = { dialect: chat, decode: decodeChat, writer: chatWriter };
