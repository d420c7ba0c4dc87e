import type { Call } from "#lib/dialects/call";
import { type Growth, growthLater } from "#lib/dialects/conversation/growth-later";
import { chatWritten } from "#lib/dialects/conversation/openai-growth";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import {
  grownBy,
  type Unfolded,
  unfoldedIn,
  type WrittenField,
} from "#lib/dialects/conversation/written-growth";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { chatConversation } from "./prompt";

type Parsed = { body: JsonObject; conversation: Conversation; written: readonly WrittenField[] };

/** What a chat grows by, and what unfolds in it. */
export function growthOf(
  { json, fields }: Pick<Call, "json" | "fields">,
  body: JsonObject,
  conversation: Conversation,
  scalarBytes: number,
): { unfolded: Unfolded; growth: Growth } {
  const parsed: Parsed = { body, conversation, written: chatWritten(json, fields, body) };
  const unfolded = unfoldedIn(parsed.written, conversation);
  return { unfolded, growth: growthAfter({ json, fields }, parsed, unfolded, scalarBytes) };
}

const growthAfter = (
  given: Pick<Call, "json" | "fields">,
  parsed: Parsed,
  unfolded: Unfolded,
  scalarBytes: number,
): Growth =>
  growthLater(
    given.json,
    parsed,
    () => parsedAgain(given),
    ({ written, body, conversation }) => ({
      ...grownBy(written, body, conversation, unfolded),
      scalarBytes,
      sharedBytes: 0,
    }),
  );

function parsedAgain({ json, fields }: Pick<Call, "json" | "fields">): Parsed {
  const body = parsedBefore(json);
  return { body, conversation: chatConversation(body), written: chatWritten(json, fields, body) };
}
