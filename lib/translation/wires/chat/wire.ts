import type { WireFormat } from "#lib/translation/format";
import { encodeChat, namedBound } from "./encode";
import { makerOf } from "./google-proof";
import { chatReader } from "./read";

/** OpenAI's chat completions, as hundreds of servers take them. */
export const chatWire: WireFormat = {
  name: "chat",
  makerOf,
  encode: encodeChat,
  sentBound: namedBound,
  reader: chatReader,
  beginsAnswer: () => false,
};
