import type { Call, CallGrowth } from "#lib/dialects/call";
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

/** What a smaller body grows by is known in less than half a millisecond. */
const LARGE_CHARACTERS = 65_536;

type Parsed = { body: JsonObject; conversation: Conversation; written: readonly WrittenField[] };

/**
 * What a chat grows by, and what unfolds in it. For a large body the growth takes most of the time after parsing, and a
 * request that no budget covers is rejected without it: so it is computed when it is first asked for. By then, what was
 * parsed is mostly still in memory, and nothing keeps it there.
 */
export function growthOf(
  { json, fields }: Pick<Call, "json" | "fields">,
  body: JsonObject,
  conversation: Conversation,
  scalarBytes: number,
): { unfolded: Unfolded; growth: CallGrowth | (() => CallGrowth) } {
  const parsed: Parsed = { body, conversation, written: chatWritten(json, fields, body) };
  const unfolded = unfoldedIn(parsed.written, conversation);
  if (json.length <= LARGE_CHARACTERS) return { unfolded, growth: grown(parsed, unfolded, scalarBytes) };
  return { unfolded, growth: grownLater({ json, fields }, new WeakRef(parsed), unfolded, scalarBytes) };
}

function grown({ written, body, conversation }: Parsed, unfolded: Unfolded, scalarBytes: number): CallGrowth {
  return { ...grownBy(written, body, conversation, unfolded), scalarBytes, sharedBytes: 0 };
}

function grownLater(
  given: Pick<Call, "json" | "fields">,
  kept: WeakRef<Parsed>,
  unfolded: Unfolded,
  scalarBytes: number,
): () => CallGrowth {
  let known: CallGrowth | null = null;
  return () => {
    known ??= grown(kept.deref() ?? parsedAgain(given), unfolded, scalarBytes);
    return known;
  };
}

function parsedAgain({ json, fields }: Pick<Call, "json" | "fields">): Parsed {
  const body = parsedBefore(json);
  return { body, conversation: chatConversation(body), written: chatWritten(json, fields, body) };
}

/** The same call with a growth that is read when it is asked for. */
export const growingLater = (call: Call, growth: () => CallGrowth): Call =>
  Object.defineProperty(call, "growth", { get: growth, enumerable: true, configurable: true });
