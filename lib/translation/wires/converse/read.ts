import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { argumentsJson } from "#lib/translation/arguments-json";
import { characterCount } from "#lib/translation/citation";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import { redactedSeal, type Seal } from "#lib/translation/envelope";
import type { ReadOptions } from "#lib/translation/format";
import type { Block } from "#lib/translation/turn";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { citesOf } from "#lib/translation/wires/cited-values";
import { invalidOutput } from "#lib/translation/wires/invalid-output";
import { isGenerated, notedUsage } from "#lib/translation/wires/noted-usage";
import { citationIn } from "./citations";
import { converseTraits } from "./models";
import { ANSWER_TOOL } from "./own-words";
import { answerTool } from "./tools";
import { converseUsage } from "./usage";

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html */
const REASONS: Readonly<Record<string, FinishReason>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  guardrail_intervened: "filter",
  content_filtered: "filter",
};
/** The model has written what cannot be read: there is no answer. */
const FAILURES: ReadonlySet<string> = new Set(["malformed_model_output", "malformed_tool_use"]);

type Ended = { reason: string; stopSequence: string | null };

/** Reads an answer of Converse, or the events of ConverseStream by their names. */
export function converseReader({ upstreamModel, scope, turn, toolNames }: ReadOptions): Reader {
  const traits = converseTraits(upstreamModel);
  const isAnsweredByTool = answerTool(turn, traits) !== null;
  let calls = 0;
  /** The call that is being read; null besides, and for the tool that answers by a schema. */
  let call: { index: number; hasArgs: boolean } | null = null;
  let isAnswer = false;
  let signature = "";
  const said = characterCount();
  /** Of the block that is being read. */
  let cited: unknown[] = [];
  let blockFrom = 0;
  const isCiting = traits.hasCitations && turn.messages.some(({ blocks }) => blocks.some(isCited));
  /** Bedrock reports the usage after the reason. */
  const end = answerEnd(finish);
  const usage = notedUsage();

  const sealed = (data: string): Delta => ({ kind: "seal", seal: { maker: traits.maker, scope, data } });
  const redacted = (data: string): Delta => {
    const seal: Seal = { ...redactedSeal(data), maker: traits.maker, scope };
    return { kind: "seal", seal };
  };

  function begin({ toolUseId, name }: JsonObject, out: Delta[]): void {
    if (typeof name !== "string") return;
    if (isAnsweredByTool && name === ANSWER_TOOL) {
      isAnswer = true;
      return;
    }
    call = { index: calls++, hasArgs: false };
    const id = typeof toolUseId === "string" && toolUseId !== "" ? toolUseId : `tooluse_${call.index}`;
    out.push({ kind: "call", index: call.index, id, name: toolNames.get(name) ?? name });
  }

  function addArgs(json: string, out: Delta[]): void {
    if (json === "") return;
    if (isAnswer) addText(json, out);
    else if (call !== null) {
      call.hasArgs = true;
      out.push({ kind: "args", index: call.index, json });
    }
  }

  function addText(text: unknown, out: Delta[]): void {
    if (typeof text !== "string" || text === "") return;
    said.add(text);
    out.push({ kind: "text", text });
  }

  function addReasoning(reasoning: JsonObject, out: Delta[]): void {
    const { text, redactedContent } = reasoning;
    if (typeof text === "string" && text !== "") out.push({ kind: "think", text });
    if (typeof reasoning.signature === "string") signature += reasoning.signature;
    if (typeof redactedContent === "string" && redactedContent !== "") out.push(redacted(redactedContent));
  }

  function stop(out: Delta[]): void {
    if (signature !== "") out.push(sealed(signature));
    signature = "";
    addCitations(out);
    if (call?.hasArgs === false) addArgs("{}", out);
    call = null;
    isAnswer = false;
  }

  function addCitations(out: Delta[]): void {
    if (cited.length > 0) {
      out.push(...citesOf(cited, { start: blockFrom, end: said.count() }, citationIn));
      cited = [];
    }
    if (!isCiting) return;
    blockFrom = said.count();
    out.push({ kind: "part" });
  }

  /** A block of a whole answer. */
  function addBlock({ text, toolUse, reasoningContent, citationsContent }: JsonObject, out: Delta[]): void {
    addText(text, out);
    if (isObject(citationsContent)) {
      for (const part of listOf(citationsContent.content)) addText(isObject(part) ? part.text : null, out);
      cited = [...listOf(citationsContent.citations)];
    }
    if (isObject(toolUse)) {
      begin(toolUse, out);
      addArgs(argumentsJson(toolUse.input), out);
    }
    if (isObject(reasoningContent)) {
      const { reasoningText, ...others } = reasoningContent;
      addReasoning({ ...(isObject(reasoningText) ? reasoningText : {}), ...others }, out);
    }
    stop(out);
  }

  function addPart(delta: JsonObject, out: Delta[]): void {
    const { text, toolUse, reasoningContent, citation } = delta;
    addText(text, out);
    if (citation !== undefined) cited.push(citation);
    if (isObject(toolUse) && typeof toolUse.input === "string") addArgs(toolUse.input, out);
    if (isObject(reasoningContent)) addReasoning(reasoningContent, out);
  }

  function noteEnd(event: JsonObject): void {
    const { stopReason: reason, additionalModelResponseFields: fields } = event;
    if (typeof reason !== "string" || end.noted() !== null) return;
    end.note({
      reason,
      stopSequence: reason === "stop_sequence" ? stopSequenceIn(fields, turn.stop?.value) : null,
    });
  }

  function finish({ reason, stopSequence }: Ended, out: Delta[]): void {
    if (FAILURES.has(reason)) {
      out.push(invalidOutput(reason, null));
      return;
    }
    const known = REASONS[reason] ?? "stop";
    // A call without a tool of the client's is the answer by a schema.
    const isAboutCalls = known === "stop" || known === "calls";
    out.push({ kind: "finish", reason: isAboutCalls ? (calls > 0 ? "calls" : "stop") : known, stopSequence });
  }

  function named(name: string, event: JsonObject, out: Delta[]): void {
    switch (name) {
      case "messageStart":
        return;
      case "contentBlockStart":
        if (isObject(event.start) && isObject(event.start.toolUse)) begin(event.start.toolUse, out);
        return;
      case "contentBlockDelta":
        if (isObject(event.delta)) addPart(event.delta, out);
        return;
      case "contentBlockStop":
        stop(out);
        return;
      case "messageStop":
        noteEnd(event);
        break;
      case "metadata":
        usage.note(converseUsage(event.usage));
        break;
      default:
        if (/(?:exception|error)$/i.test(name)) out.push({ kind: "error", detail: { ...event, type: name } });
        return;
    }
    if (usage.reported()?.isOfAll) end.say(out);
  }

  function event(payload: string, name: string, out: Delta[]): void {
    const said = parsedValue(payload);
    const before = out.length;
    if (isObject(said)) named(name, said, out);
    else out.push({ kind: "error", detail: { message: payload } });
    if (out.slice(before).some(isGenerated)) usage.outdate();
  }

  function whole(body: unknown, out: Delta[]): boolean {
    if (!isObject(body) || !isObject(body.output) || typeof body.stopReason !== "string") return false;
    const { message } = body.output;
    if (!isObject(message) || !Array.isArray(message.content)) return false;
    for (const block of message.content) if (isObject(block)) addBlock(block, out);
    usage.note(converseUsage(body.usage));
    noteEnd(body);
    return true;
  }

  return endedReader({ event, whole, reported: usage.reported }, end);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Within results, too. */
const isCited = (block: Block): boolean =>
  block.kind === "result" ? block.blocks.some(isCited) : "isCited" in block && block.isCited;

/** Which of the sequences it was: the only one, or the one that Claude names. */
function stopSequenceIn(fields: unknown, asked: readonly string[] | undefined): string | null {
  if (asked?.length === 1) return asked[0] ?? null;
  if (!isObject(fields)) return null;
  const { stop_sequence: whole, delta } = fields;
  const found = whole ?? (isObject(delta) ? delta.stop_sequence : null);
  return typeof found === "string" ? found : null;
}
