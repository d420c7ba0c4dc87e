import { randomBytes } from "node:crypto";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn } from "#lib/dialects/text/kept-numbers";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { argumentsJson } from "#lib/translation/arguments-json";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { invalidOutput } from "#lib/translation/wires/invalid-output";
import { hasGenerated, notedUsage } from "#lib/translation/wires/noted-usage";
import { citationsOf, type Grounds, noteGrounds } from "./citations";
import { geminiUsage } from "./usage";

/** ai.google.dev/api/generate-content#FinishReason; others withhold the answer, or the rest of it. */
const REASONS: Readonly<Record<string, FinishReason>> = { STOP: "stop", MAX_TOKENS: "length" };
/** The model has made a call that no tool takes: there is no answer. */
const FAILURES: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
]);

const ARGUMENTS = keptIn("args");

/** Reads the answers of `generateContent`, of which a stream's event has the same form. */
export function geminiReader({ scope, toolNames }: ReadOptions): Reader {
  let calls = 0;
  const end = answerEnd(finish);
  let failure: Delta | null = null;
  let hasContent = false;
  const usage = notedUsage();
  let said = "";
  const grounds: Grounds = { grounding: null, repeated: new Map() };

  function partTo(part: JsonObject, out: Delta[]): void {
    const { text, functionCall: call, thoughtSignature: signature } = part;
    const seal: Delta | null =
      typeof signature === "string" && signature !== ""
        ? { kind: "seal", seal: { maker: "google", scope, data: signature } }
        : null;
    if (isObject(call) && typeof call.name === "string") {
      if (seal !== null) out.push(seal);
      const index = calls++;
      // Older models give none.
      const id =
        typeof call.id === "string" && call.id !== "" ? call.id : `call_${randomBytes(12).toString("hex")}`;
      out.push({ kind: "call", index, id, name: toolNames.get(call.name) ?? call.name });
      out.push({ kind: "args", index, json: argumentsJson(call.args) });
      return;
    }
    if (isObject(part.inlineData)) {
      // Drafts of a picture are thoughts.
      if (part.thought === true) return;
      if (seal !== null) out.push(seal);
      out.push(madeOf(part.inlineData));
      return;
    }
    if (typeof text === "string" && text !== "") {
      if (part.thought !== true) said += text;
      out.push(part.thought === true ? { kind: "think", text } : { kind: "text", text });
    }
    if (seal !== null) out.push(seal);
  }

  const noteUsage = ({ usageMetadata }: JsonObject) => usage.note(geminiUsage(usageMetadata, hasContent));

  function answerTo(answer: JsonObject, out: Delta[]): void {
    const before = out.length;
    const [candidate] = Array.isArray(answer.candidates) ? answer.candidates : [];
    if (isObject(candidate)) {
      const content = isObject(candidate.content) ? candidate.content : {};
      for (const part of Array.isArray(content.parts) ? content.parts : [])
        if (isObject(part)) partTo(part, out);
      noteGrounds(candidate, grounds);
      if (typeof candidate.finishReason === "string") end.note(candidate.finishReason);
    } else if (isObject(answer.promptFeedback) && typeof answer.promptFeedback.blockReason === "string") {
      end.note(answer.promptFeedback.blockReason);
    }
    if (hasGenerated(out, before)) {
      hasContent = true;
      usage.outdate();
    }
    noteUsage(answer);
    const reason = end.noted();
    if (reason === null || !FAILURES.has(reason)) return;
    failure ??= invalidOutput(reason, isObject(candidate) ? candidate.finishMessage : null);
    // Its usage may be in the next event.
    if (usage.reported()?.isOfAll) end.say(out);
  }

  function finish(reason: string, out: Delta[]): void {
    if (failure !== null) {
      out.push(failure);
      return;
    }
    for (const citation of citationsOf(grounds, said)) out.push({ kind: "cite", citation });
    const ended = REASONS[reason] ?? "filter";
    out.push({ kind: "finish", reason: ended === "stop" && calls > 0 ? "calls" : ended, stopSequence: null });
  }

  function event(payload: string, _name: string, out: Delta[]): void {
    const answer = parsedValue(payload, ARGUMENTS);
    if (isAnswer(answer)) answerTo(answer, out);
    else out.push({ kind: "error", detail: errorIn(answer) ?? { message: payload } });
  }

  function whole(body: unknown, out: Delta[]): boolean {
    // Without `alt=sse`, a stream is a list of answers.
    const answers: unknown[] = Array.isArray(body) ? body : [body];
    if (!answers.every(isAnswer)) return false;
    for (const answer of answers) answerTo(answer, out);
    return end.noted() !== null;
  }

  return endedReader(event, whole, usage, end, noteUsage);
}

const isAnswer = (body: unknown): body is JsonObject =>
  isObject(body) &&
  !isObject(body.error) &&
  (Array.isArray(body.candidates) || isObject(body.promptFeedback) || isObject(body.usageMetadata));

const errorIn = (body: unknown): unknown => (isObject(body) && body.error !== undefined ? body.error : null);

/** A picture; there is no dialect that has all else that a model could make. */
function madeOf({ mimeType, data }: JsonObject): Delta {
  if (typeof mimeType === "string" && /^image\/[\w.+-]+$/.test(mimeType) && typeof data === "string")
    return { kind: "image", mediaType: mimeType, base64: data };
  const type = typeof mimeType === "string" ? mimeType.slice(0, 100) : "data";
  return {
    kind: "error",
    detail: { message: `The model has answered with ${type}, which is not supported.` },
  };
}
