import type { WireFormat } from "#lib/translation/format";
import { encodeChat } from "./encode";
import { chatReader } from "./read";

/** OpenAI's chat completions, as hundreds of servers take them. */
export const chatWire: WireFormat = {
  name: "chat",
  // Nothing that it returns proves a model's reasoning.
  makerOf: () => "none",
  encode: encodeChat,
  reader: chatReader,
};
