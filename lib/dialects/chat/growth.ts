import type { Growing } from "#lib/dialects/conversation/growth-later";
import { chatWritten } from "#lib/dialects/conversation/openai-growth";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import { grownBy } from "#lib/dialects/conversation/written-growth";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { chatConversation } from "./prompt";

type Parsed = { body: JsonObject; conversation: Conversation };

export const chatGrowing: Growing<Parsed> = {
  written: ({ json, fields }, { body }) => chatWritten(json, fields, body),
  results: ({ conversation }) => conversation,
  grown: ({ json, fields }, { body, conversation }, unfolded, scalarBytes) =>
    grownBy(chatWritten(json, fields, body), body, conversation, unfolded, scalarBytes),
  again: ({ json }) => {
    const body = parsedBefore(json);
    return { body, conversation: chatConversation(body) };
  },
};
