import type { Call } from "#lib/dialects/call";
import type { PastReasoning } from "#lib/dialects/dialect";
import {
  type Cut,
  cutsOf,
  type FieldSpan,
  isObject,
  setFields,
  topLevelFields,
} from "#lib/dialects/text/json-fields";
import { cutsOfElements, elementSpans } from "#lib/dialects/text/list-elements";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { answersInTurn, hasThinkingBudget, OWN_KINDS } from "./begun-turn";
import { blocksOf } from "./content";
import { editsOfThinking } from "./edit";

/**
 * How Anthropic refuses thinking that has no signature, or another model's or provider's. Words of a client in there cost
 * a second request, which bills nothing more.
 */
const REFUSALS: readonly RegExp[] = [
  // messages.1.content.0: Invalid `signature` in `thinking` block
  /\binvalid [`'"]?(?:signature[`'"]? in [`'"]?thinking|data[`'"]? in [`'"]?redacted_thinking)[`'"]? block/i,
  // messages.1.content.0.thinking.signature: Field required
  /\b(?:thinking\.signature|redacted_thinking\.data): field required/i,
  /[`'"]?thinking[`'"]? or [`'"]?redacted_thinking[`'"]? blocks in the latest assistant message cannot be modified/i,
  /when providing [`'"]?thinking[`'"]? or [`'"]?redacted_thinking[`'"]? blocks, the blocks must match/i,
];

/** The thinking of earlier turns, in blocks that are signed or encrypted. */
export const pastThinking: PastReasoning = {
  isRefused: ({ message }) => REFUSALS.some((words) => words.test(message)),
  leaveOut: withoutThinking,
};

function withoutThinking(call: Call): { json: string; dropped: readonly string[] } | null {
  const { json, fields } = call;
  const list = fields.get("messages");
  const body = parsedBefore(json);
  const messages: readonly unknown[] = Array.isArray(body.messages) ? body.messages : [];
  if (list === undefined) return null;
  const { cuts, dropped, emptied } = cutsOfThinking(json, elementSpans(json, list.start), messages);
  if (dropped.length === 0 || emptied === messages.length) return null;
  // Of what the turn began with, none is left.
  const isWithinTurn = hasThinkingBudget(body) && answersInTurn(messages, OWN_KINDS).length > 0;
  const needless = isWithinTurn ? thinkingFields(call) : [];
  const removed = new Set(needless.map(([, span]) => span));
  return {
    json: setFields(
      json,
      fields,
      {},
      {
        cuts: [...cuts, ...cutsOf([...fields.values()], removed)],
        topLevel: removed.size,
      },
    ),
    dropped: [...dropped, ...needless.map(([name]) => name)],
  };
}

/** A message of thinking alone is left out as a whole: Anthropic takes none without content. */
function cutsOfThinking(json: string, spans: readonly FieldSpan[], messages: readonly unknown[]) {
  const cuts: Cut[] = [];
  const dropped: string[] = [];
  const emptied = new Set<FieldSpan>();
  for (const [at, span] of spans.entries()) {
    const blocks = blocksOf(messages[at]);
    const places = new Set([...blocks.keys()].filter((place) => isThinking(blocks[place])));
    if (places.size === 0) continue;
    if (places.size === blocks.length) {
      emptied.add(span);
      dropped.push(`messages[${at}]`);
      continue;
    }
    const content = topLevelFields(json.slice(span.start, span.end)).get("content");
    if (content === undefined) continue;
    cuts.push(...cutsOfElements(json, span.start + content.start, places));
    for (const place of places) dropped.push(`messages[${at}].content[${place}]`);
  }
  cuts.push(...cutsOf(spans, emptied));
  return { cuts, dropped, emptied: emptied.size };
}

const isThinking = (block: unknown): boolean => isObject(block) && OWN_KINDS.isThinking(block);

/** What asks for thinking, and what needs it. */
export function thinkingFields(call: Pick<Call, "json" | "fields">): [name: string, span: FieldSpan][] {
  const needing = editsOfThinking(call);
  return [...call.fields].filter(([name, span]) => name === "thinking" || needing.includes(span));
}
