import { shownIn } from "#lib/dialects/messages/content";
import { laterReport, messagesUsage } from "#lib/dialects/messages/usage";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { argumentsJson } from "#lib/translation/arguments-json";
import type { Delta, FinishReason, Reader, Reported } from "#lib/translation/delta";
import { redactedSeal } from "#lib/translation/envelope";
import type { ReadOptions } from "#lib/translation/format";
import { unshownOutput } from "#lib/translation/unshown";
import { answerBlocks } from "#lib/translation/wires/answer-blocks";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { hasGenerated } from "#lib/translation/wires/noted-usage";
import { readTyped } from "#lib/translation/wires/typed-events";
import { citationIn } from "./citations";

/** platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const REASONS: Readonly<Record<string, FinishReason>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  refusal: "filter",
};

type Ended = { reason: string; stopSequence: string | null };

/** What deltas say, of blocks and of deltas. */
const SAID: ReadonlySet<unknown> = new Set([
  "text",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "text_delta",
  "thinking_delta",
  "signature_delta",
  "input_json_delta",
  "citations_delta",
]);

/** Reads a message, of which a stream's blocks come in parts. */
export function messagesReader(options: ReadOptions): Reader {
  const { scope } = options;
  const unshown = unshownOutput();
  const blocks = answerBlocks(options, { maker: "anthropic", idPrefix: "toolu_", citationIn });
  const end = answerEnd(({ reason, stopSequence }: Ended, out) => {
    out.push({ kind: "finish", reason: REASONS[reason] ?? "stop", stopSequence });
  });
  let report: JsonObject | null = null;
  /** What the report says; undefined if it was not asked for since the last one. */
  let known: Reported | null | undefined;
  let isOfAll = false;

  function begin(block: unknown, out: Delta[]): void {
    if (!isObject(block)) return;
    if (Array.isArray(block.citations)) for (const citation of block.citations) blocks.cite(citation);
    if (block.type === "tool_use" && typeof block.name === "string") {
      blocks.call(block.name, block.id, out);
      if (isObject(block.input) && Object.keys(block.input).length > 0)
        blocks.args(argumentsJson(block.input), out);
    } else if (block.type === "redacted_thinking" && typeof block.data === "string")
      out.push({ kind: "seal", seal: { ...redactedSeal(block.data), scope } });
    else addPart(block, out);
    addUnsaid(block);
  }

  /** A kind of block or delta that no dialect has. */
  function addUnsaid(part: JsonObject): void {
    if (!SAID.has(part.type)) unshown.addBytes((rare) => shownIn(part, rare));
  }

  /** A text, as a block or as a part of one. */
  function addPart(part: unknown, out: Delta[]): void {
    if (!isObject(part)) return;
    blocks.text(part.text, out);
    if (part.type === "citations_delta") blocks.cite(part.citation);
    blocks.think(part.thinking, out);
    blocks.sign(part.signature);
    const { partial_json: json } = part;
    if (typeof json !== "string") return;
    // Those of a tool of Anthropic's go to no client.
    if (blocks.isCall()) blocks.args(json, out);
    else unshown.add(json);
  }

  function note(usage: unknown, isLast: boolean): void {
    if (!isObject(usage)) return;
    report = laterReport(report, usage);
    isOfAll = isLast;
    known = undefined;
  }

  function noteEnd({ stop_reason: reason, stop_sequence: sequence }: JsonObject): void {
    if (typeof reason !== "string") return;
    end.note({ reason, stopSequence: typeof sequence === "string" ? sequence : null });
  }

  function typed(event: JsonObject, out: Delta[]): void {
    const before = out.length;
    readEvent(event, out);
    // A report does not count what follows it.
    if (hasGenerated(out, before)) isOfAll = false;
  }

  function readEvent(event: JsonObject, out: Delta[]): void {
    switch (event.type) {
      case "message_start":
        if (isObject(event.message)) note(event.message.usage, false);
        break;
      case "content_block_start":
        begin(event.content_block, out);
        break;
      case "content_block_delta":
        addPart(event.delta, out);
        if (isObject(event.delta)) addUnsaid(event.delta);
        break;
      case "content_block_stop":
        blocks.stop(out);
        break;
      case "message_delta":
        if (isObject(event.delta)) noteEnd(event.delta);
        note(event.usage, true);
        break;
      case "message_stop":
        end.say(out);
        break;
      case "error":
        out.push({ kind: "error", detail: event.error ?? event });
    }
  }

  function reported(): Reported | null {
    if (known !== undefined) return known;
    const usage = messagesUsage(report);
    known = usage === null ? null : { usage, isOfAll };
    return known;
  }

  function whole(body: unknown, out: Delta[]): boolean {
    if (!isObject(body) || !Array.isArray(body.content) || typeof body.stop_reason !== "string") return false;
    for (const block of body.content) {
      begin(block, out);
      blocks.stop(out);
    }
    note(body.usage, true);
    noteEnd(body);
    return true;
  }

  return endedReader(readTyped(typed), whole, { reported }, end, (body) => note(body.usage, true), unshown);
}
