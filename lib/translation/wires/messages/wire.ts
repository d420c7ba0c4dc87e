import type { WireFormat } from "#lib/translation/format";
import { calledToolsBytes } from "./called-tools";
import { encodeMessages, reboundMessages, requiredBound } from "./encode";
import { messagesReader } from "./read";

/** Anthropic's messages, at Anthropic and wherever Claude or its dialect is served. */
export const messagesWire: WireFormat = {
  name: "messages",
  makerOf: () => "anthropic",
  encode: encodeMessages,
  rebound: reboundMessages,
  ownBytes: calledToolsBytes,
  sentBound: requiredBound,
  reader: messagesReader,
  beginsAnswer: (payload) => payload.includes('"message_start"'),
};
