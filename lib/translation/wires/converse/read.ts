import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { argumentsJson } from "#lib/translation/arguments-json";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import { redactedSeal, type Seal } from "#lib/translation/envelope";
import type { ReadOptions } from "#lib/translation/format";
import type { Block } from "#lib/translation/turn";
import { unshownOutput, without } from "#lib/translation/unshown";
import { answerBlocks } from "#lib/translation/wires/answer-blocks";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { invalidOutput } from "#lib/translation/wires/invalid-output";
import { hasGenerated, notedUsage } from "#lib/translation/wires/noted-usage";
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

/** What deltas say of a block, and what is no output: what a tool of Amazon's has found. */
const SAID: ReadonlySet<string> = new Set([
  "text",
  "toolUse",
  "reasoningContent",
  "citationsContent",
  "citation",
  "toolResult",
  "cachePoint",
]);

type Ended = { reason: string; stopSequence: string | null };

/** Reads an answer of Converse, or the events of ConverseStream by their names. */
export function converseReader(options: ReadOptions): Reader {
  const { upstreamModel, scope, turn } = options;
  const traits = converseTraits(upstreamModel);
  const isAnsweredByTool = answerTool(turn, traits) !== null;
  const blocks = answerBlocks(options, { maker: traits.maker, idPrefix: "tooluse_", citationIn });
  /** Whether it is a call of the tool that answers by a schema, which is no call. */
  let isAnswer = false;
  const isCiting = traits.hasCitations && turn.messages.some(({ blocks }) => blocks.some(isCited));
  /** Bedrock reports the usage after the reason. */
  const end = answerEnd(finish);
  const usage = notedUsage();
  const unshown = unshownOutput();

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
    blocks.call(name, toolUseId, out);
  }

  function addArgs(json: string, out: Delta[]): void {
    if (isAnswer) blocks.text(json, out);
    else blocks.args(json, out);
  }

  function addReasoning({ text, signature, redactedContent }: JsonObject, out: Delta[]): void {
    blocks.think(text, out);
    blocks.sign(signature);
    if (typeof redactedContent === "string" && redactedContent !== "") out.push(redacted(redactedContent));
  }

  function stop(out: Delta[]): void {
    blocks.stop(out);
    isAnswer = false;
    if (isCiting) out.push({ kind: "part" });
  }

  /** A kind of block that no dialect has. */
  function addUnsaid(block: JsonObject): void {
    const { image, ...others } = without(block, SAID);
    if (image !== undefined) unshown.addPicture();
    unshown.add(others);
  }

  /** A block of a whole answer. */
  function addBlock(block: JsonObject, out: Delta[]): void {
    const { text, toolUse, reasoningContent, citationsContent } = block;
    addUnsaid(block);
    blocks.text(text, out);
    if (isObject(citationsContent)) {
      for (const part of listOf(citationsContent.content))
        blocks.text(isObject(part) ? part.text : null, out);
      for (const citation of listOf(citationsContent.citations)) blocks.cite(citation);
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
    addUnsaid(delta);
    blocks.text(text, out);
    if (citation !== undefined) blocks.cite(citation);
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
    out.push({
      kind: "finish",
      reason: isAboutCalls ? (blocks.calls() > 0 ? "calls" : "stop") : known,
      stopSequence,
    });
  }

  function named(name: string, event: JsonObject, out: Delta[]): void {
    switch (name) {
      case "messageStart":
        return;
      case "contentBlockStart":
        if (!isObject(event.start)) return;
        if (isObject(event.start.toolUse)) begin(event.start.toolUse, out);
        addUnsaid(event.start);
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
    if (hasGenerated(out, before)) usage.outdate();
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

  return endedReader(event, whole, usage, end, (body) => usage.note(converseUsage(body.usage)), unshown);
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
