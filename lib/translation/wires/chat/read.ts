import { isNothing } from "#lib/dialects/conversation/fault";
import { REPEATED_THOUGHTS } from "#lib/dialects/conversation/output-tokens";
import { usageIn } from "#lib/dialects/openai-usage";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn } from "#lib/dialects/text/kept-numbers";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { argumentsJson } from "#lib/translation/arguments-json";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";
import type { Turn } from "#lib/translation/turn";
import { unshownOutput, without } from "#lib/translation/unshown";
import { type AnswerCall, beginCall } from "#lib/translation/wires/answer-call";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { answerText } from "#lib/translation/wires/answer-text";
import { notedUsage } from "#lib/translation/wires/noted-usage";
import { addFault } from "#lib/translation/wires/typed-events";
import { urlCitations } from "#lib/translation/wires/url-citations";
import { proofIn } from "./google-proof";

const REASONS: Readonly<Record<string, FinishReason>> = {
  length: "length",
  max_tokens: "length",
  tool_calls: "calls",
  function_call: "calls",
  content_filter: "filter",
};

const ARGUMENTS = keptIn("arguments");

/** What deltas say of a message. */
const SAID: ReadonlySet<string> = new Set([
  "role",
  "content",
  "reasoning_content",
  "reasoning",
  "refusal",
  "annotations",
  "tool_calls",
]);
/** The same where a thought is among it. */
const SAID_OF_THOUGHT: ReadonlySet<string> = new Set([...SAID, ...REPEATED_THOUGHTS]);

/** Reads a chat completion, of which a stream's chunks have the same form in parts. */
export function chatReader({ scope, toolNames, turn }: ReadOptions): Reader {
  /** The calls of the answer by their place in it, in the order in which they began. */
  const calls = new Map<number, AnswerCall>();
  const end = answerEnd(finish);
  let stopSequence: string | null = null;
  let isRefused = false;
  const said = answerText();
  const unshown = unshownOutput();
  const usage = notedUsage();

  function saidTo(message: JsonObject, out: Delta[]): void {
    const before = out.length;
    const thought = message.reasoning_content ?? message.reasoning;
    if (typeof thought === "string" && thought !== "") out.push({ kind: "think", text: thought });
    contentTo(message.content, out);
    if (typeof message.refusal === "string" && message.refusal !== "") {
      isRefused = true;
      said.add(message.refusal, out);
    }
    for (const citation of urlCitations(message.annotations, 0, said.count)) out.push(citation);
    const given: readonly unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
    for (const [place, call] of given.entries()) if (isObject(call)) callTo(call, place, out);
    if (out.length > before) usage.outdate();
  }

  /** Pictures, sound and encrypted reasoning, of which no delta tells; what repeats a thought counts once. */
  function addUnsaid(message: JsonObject): void {
    const left = without(message, isThought(message) ? SAID_OF_THOUGHT : SAID);
    if (Object.keys(left).length > 0) unshown.addChoices([{ delta: left }]);
  }

  /** A text, or parts of one: Mistral has its reasoning among them. */
  function contentTo(content: unknown, out: Delta[]): void {
    said.add(content, out);
    if (!Array.isArray(content)) return;
    for (const part of content) {
      if (!isObject(part)) continue;
      said.add(part.text, out);
      const thought = Array.isArray(part.thinking) ? part.thinking.map(textIn).join("") : "";
      if (thought !== "") out.push({ kind: "think", text: thought });
    }
  }

  function callTo(given: JsonObject, at: number, out: Delta[]): void {
    const { index: place, id, function: called } = given;
    const key = typeof place === "number" ? place : at;
    const { name, arguments: args } = isObject(called) ? called : {};
    let call = calls.get(key);
    // Some servers give all calls the same place, each with its own id and name.
    const isNew = typeof name === "string" && name !== "" && typeof id === "string" && id !== "";
    if (call === undefined || (isNew && call.hasArgs())) {
      if (typeof name !== "string" || name === "") return;
      call?.close(out);
      const proof = proofIn(given);
      if (proof !== null) out.push({ kind: "seal", seal: { maker: "google", scope, data: proof } });
      call = beginCall({ index: begun++, name, id }, { idPrefix: "call_", toolNames }, out);
      calls.set(key, call);
    }
    call.args(typeof args === "string" ? args : isObject(args) ? argumentsJson(args) : "", out);
  }
  let begun = 0;

  function choiceTo(body: JsonObject, field: "delta" | "message", out: Delta[]): void {
    const [choice, ...others] = Array.isArray(body.choices) ? body.choices : [];
    // Those that were not asked for go to no client.
    if (others.length > 0) unshown.addChoices(others);
    if (isObject(choice)) {
      const message = choice[field];
      if (isObject(message)) {
        saidTo(message, out);
        addUnsaid(message);
      }
      if (typeof choice.finish_reason === "string") end.note(choice.finish_reason);
      stopSequence ??= sequenceIn(choice, turn);
    }
    usage.note(usageIn(body));
  }

  function finish(reason: string, out: Delta[]): void {
    for (const call of calls.values()) call.close(out);
    const known = isRefused ? "filter" : (REASONS[reason] ?? "stop");
    // Some servers say that an answer with calls has stopped.
    out.push({
      kind: "finish",
      reason: known === "stop" && calls.size > 0 ? "calls" : known,
      stopSequence,
    });
  }

  function event(payload: string, name: string, out: Delta[]): void {
    if (payload === "[DONE]") {
      end.say(out);
      return;
    }
    const chunk = parsedValue(payload, ARGUMENTS);
    if (isObject(chunk) && Array.isArray(chunk.choices) && name !== "error" && !hasError(chunk))
      choiceTo(chunk, "delta", out);
    else if (isObject(chunk) && isObject(chunk.usage) && !hasError(chunk)) usage.note(usageIn(chunk));
    else addFault(payload, chunk, out);
  }

  function whole(body: unknown, out: Delta[]): boolean {
    const [choice] = isObject(body) && Array.isArray(body.choices) ? body.choices : [];
    if (!isObject(body) || !isObject(choice) || !isObject(choice.message) || hasError(body)) return false;
    choiceTo(body, "message", out);
    if (end.noted() === null) end.note("stop");
    return true;
  }

  return endedReader(event, whole, usage, end, (body) => usage.note(usageIn(body)), unshown);
}

/** Which of the client's sequences vLLM (docs.vllm.ai/en/latest/serving/openai_compatible_server.html) or SGLang has met. */
function sequenceIn({ stop_reason: vllm, matched_stop: sglang }: JsonObject, { stop }: Turn): string | null {
  return stop?.value.find((sequence) => sequence === vllm || sequence === sglang) ?? null;
}

const hasError = ({ error }: JsonObject): boolean => !isNothing(error);

const isThought = ({ reasoning_content: content, reasoning }: JsonObject): boolean =>
  [content, reasoning].some((thought) => typeof thought === "string" && thought !== "");

const textIn = (part: unknown): string => (isObject(part) && typeof part.text === "string" ? part.text : "");
