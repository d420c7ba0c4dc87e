import { laterReport, messagesUsage } from "#lib/dialects/messages/usage";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { argumentsJson } from "#lib/translation/arguments-json";
import { characterCount } from "#lib/translation/citation";
import type { Delta, FinishReason, Reader, Reported } from "#lib/translation/delta";
import { redactedSeal } from "#lib/translation/envelope";
import type { ReadOptions } from "#lib/translation/format";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { citesOf } from "#lib/translation/wires/cited-values";
import { isGenerated } from "#lib/translation/wires/noted-usage";
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

/** Reads a message, of which a stream's blocks come in parts. */
export function messagesReader({ scope, toolNames }: ReadOptions): Reader {
  let calls = 0;
  /** The call that is being read; the next begins after its end. */
  let call: { index: number; hasArgs: boolean } | null = null;
  let signature = "";
  const said = characterCount();
  /** Of the block that is being read: they may come before its text. */
  let cited: unknown[] = [];
  let citedFrom = 0;
  const end = answerEnd(({ reason, stopSequence }: Ended, out) => {
    out.push({ kind: "finish", reason: REASONS[reason] ?? "stop", stopSequence });
  });
  let report: JsonObject | null = null;
  /** What the report says; undefined if it was not asked for since the last one. */
  let known: Reported | null | undefined;
  let isOfAll = false;

  function begin(block: unknown, out: Delta[]): void {
    if (!isObject(block)) return;
    if (block.type === "text") citedFrom = said.count();
    if (Array.isArray(block.citations)) for (const citation of block.citations) cited.push(citation);
    if (block.type === "tool_use" && typeof block.name === "string") {
      call = { index: calls++, hasArgs: false };
      const id = typeof block.id === "string" ? block.id : `toolu_${call.index}`;
      out.push({ kind: "call", index: call.index, id, name: toolNames.get(block.name) ?? block.name });
      if (isObject(block.input) && Object.keys(block.input).length > 0)
        addArgs(argumentsJson(block.input), out);
    } else if (block.type === "redacted_thinking" && typeof block.data === "string")
      out.push({ kind: "seal", seal: { ...redactedSeal(block.data), scope } });
    else addPart(block, out);
  }

  function addArgs(json: string, out: Delta[]): void {
    if (call === null || json === "") return;
    call.hasArgs = true;
    out.push({ kind: "args", index: call.index, json });
  }

  /** A text, as a block or as a part of one. */
  function addPart(part: unknown, out: Delta[]): void {
    if (!isObject(part)) return;
    const { text, thinking } = part;
    if (typeof text === "string" && text !== "") {
      said.add(text);
      out.push({ kind: "text", text });
    }
    if (part.type === "citations_delta") cited.push(part.citation);
    if (typeof thinking === "string" && thinking !== "") out.push({ kind: "think", text: thinking });
    if (typeof part.signature === "string") signature += part.signature;
    if (typeof part.partial_json === "string") addArgs(part.partial_json, out);
  }

  function addCitations(out: Delta[]): void {
    if (cited.length === 0) return;
    out.push(...citesOf(cited, { start: citedFrom, end: said.count() }, citationIn));
    cited = [];
  }

  function stop(out: Delta[]): void {
    if (signature !== "") out.push({ kind: "seal", seal: { maker: "anthropic", scope, data: signature } });
    signature = "";
    addCitations(out);
    if (call?.hasArgs === false) addArgs("{}", out);
    call = null;
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
    if (out.slice(before).some(isGenerated)) isOfAll = false;
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
        break;
      case "content_block_stop":
        stop(out);
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
      stop(out);
    }
    note(body.usage, true);
    noteEnd(body);
    return true;
  }

  return endedReader({ event: readTyped(typed), whole, reported }, end);
}
