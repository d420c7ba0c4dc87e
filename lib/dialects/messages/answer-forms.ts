import type { Assembler } from "#lib/dialects/dialect";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn, restoredNumbers, withKeptNumbers } from "#lib/dialects/text/kept-numbers";
import { type DeltaRules, type Merged, mergeDelta, mergedWith } from "#lib/dialects/text/merge-deltas";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { blocksOf } from "./content";
import { MESSAGE_STOP, namedEvent } from "./event-names";
import { laterReport } from "./usage";

/** Blocks of a message; real ones have a fraction of that. */
const MOST_BLOCKS = 4_096;
/** The arguments of calls. */
const KEPT_IN = keptIn("input");
const RULES: DeltaRules = {
  texts: new Set(["text", "thinking", "signature"]),
  indexed: new Set(),
  mostIndexed: 0,
};

/** A block, and the arguments of its call as they arrive. */
type Block = { fields: Merged; argumentsJson: string };

/** The whole message that a stream's events add up to. */
export function messageAssembler(): Assembler {
  const message = mergedWith({});
  const blocks = new Map<number, Block>();
  let usage: JsonObject | null = null;
  let isTooMuch = false;

  function addEvent(event: JsonObject): void {
    const index = typeof event.index === "number" ? event.index : 0;
    switch (event.type) {
      case "message_start":
        if (!isObject(event.message)) return;
        mergeDelta(message, { ...event.message, content: null, usage: null }, RULES);
        usage = laterReport(usage, event.message.usage);
        return;
      case "content_block_start":
        if (isObject(event.content_block))
          blocks.set(index, { fields: mergedWith(event.content_block), argumentsJson: "" });
        return;
      case "content_block_delta":
        if (isObject(event.delta)) addDelta(blocks, index, event.delta);
        return;
      case "message_delta":
        if (isObject(event.delta)) mergeDelta(message, event.delta, RULES);
        usage = laterReport(usage, event.usage);
    }
  }

  return {
    add(payload) {
      if (isTooMuch || !payload.trimStart().startsWith("{")) return;
      const event = parsedObject(payload);
      if (event !== null) addEvent(event);
      isTooMuch = event === null || blocks.size > MOST_BLOCKS;
    },
    whole() {
      if (isTooMuch) return null;
      const content = [...blocks]
        .toSorted(([a], [b]) => a - b)
        .map(([, block]) => wholeBlock(block, message.stop_reason));
      const whole = { type: "message", role: "assistant", ...message, content };
      return content.includes(null)
        ? null
        : Buffer.from(restoredNumbers(JSON.stringify(usage === null ? whole : { ...whole, usage })));
    },
  };
}

function addDelta(
  blocks: Map<number, Block>,
  index: number,
  { type, partial_json, citation, ...delta }: JsonObject,
): void {
  const block = blocks.get(index);
  if (block === undefined) return;
  if (typeof partial_json === "string") block.argumentsJson += partial_json;
  if (type === "citations_delta") mergeDelta(block.fields, { citations: [citation] }, RULES);
  else mergeDelta(block.fields, delta, RULES);
}

/** Answers that end within a call: it has no arguments then (platform.claude.com/docs/en/build-with-claude/handling-stop-reasons). */
const CUT: ReadonlySet<unknown> = new Set(["max_tokens", "model_context_window_exceeded"]);

/** Null if the arguments of a call that has ended cannot be read. */
function wholeBlock({ fields, argumentsJson }: Block, stopReason: unknown): JsonObject | null {
  if (argumentsJson === "") return fields;
  const input = parsedObject(withKeptNumbers(argumentsJson)) ?? (CUT.has(stopReason) ? {} : null);
  return input === null ? null : { ...fields, input };
}

/**
 * The stream that says what a whole message says: each block in one delta, the reason why it ended, its usage and
 * `message_stop`.
 * @param whole a message
 * @returns null if it has too much structure to be parsed
 */
export function splitMessage(whole: Buffer): Buffer | null {
  const body = parsedObject(withKeptNumbers(whole.toString("utf8"), KEPT_IN));
  if (body === null) return null;
  const { content: _, stop_reason, stop_sequence, stop_details, usage, ...rest } = body;
  const message = { ...rest, content: [], stop_reason: null, stop_sequence: null, usage: atStart(usage) };
  let events = namedEvent({ type: "message_start", message });
  for (const [index, block] of blocksOf(body).entries())
    if (isObject(block)) events += blockEvents(block, index);
  const delta = { stop_reason, stop_sequence, ...(stop_details === undefined ? {} : { stop_details }) };
  events += namedEvent({ type: "message_delta", delta, ...(isObject(usage) ? { usage } : {}) });
  return Buffer.concat([Buffer.from(restoredNumbers(events)), MESSAGE_STOP]);
}

/** At its beginning, a message has no output. */
const atStart = (usage: unknown): JsonObject => ({
  input_tokens: 0,
  ...(isObject(usage) ? usage : {}),
  output_tokens: 0,
});

function blockEvents(block: JsonObject, index: number): string {
  const { start, deltas } = deltasOf(block);
  const events = [
    { type: "content_block_start", index, content_block: start },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
  return events.map(namedEvent).join("");
}

/** A block as it begins, and what is added to it; one of another kind begins as a whole. */
function deltasOf(block: JsonObject): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case "text": {
      const { citations, text, ...start } = block;
      const cited: readonly unknown[] = Array.isArray(citations) ? citations : [];
      return {
        start: { ...start, text: "" },
        deltas: [
          { type: "text_delta", text },
          ...cited.map((citation) => ({ type: "citations_delta", citation })),
        ],
      };
    }
    case "thinking": {
      const { thinking, signature, ...start } = block;
      return {
        start: { ...start, thinking: "", signature: "" },
        deltas: [
          { type: "thinking_delta", thinking },
          { type: "signature_delta", signature },
        ],
      };
    }
    case "tool_use":
    case "server_tool_use": {
      const { input, ...start } = block;
      return {
        start: { ...start, input: {} },
        deltas: [{ type: "input_json_delta", partial_json: JSON.stringify(input) }],
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}
