import { randomBytes } from "node:crypto";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn } from "#lib/dialects/text/kept-numbers";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { argumentsJson } from "#lib/translation/arguments-json";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";
import { unshownOutput, without } from "#lib/translation/unshown";
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

/** Fields of a part that are no output: labels, proofs, and what a tool of Google's has found. */
const NO_OUTPUT: ReadonlySet<string> = new Set([
  "thought",
  "thoughtSignature",
  "codeExecutionResult",
  "functionResponse",
  "toolResponse",
  "videoMetadata",
  "mediaResolution",
  "partMetadata",
]);
/** Those that deltas say, if at all. */
const SAID: ReadonlySet<string> = new Set([...NO_OUTPUT, "text", "functionCall", "inlineData"]);
/** Where code is, beside its language. */
const LABELS: ReadonlySet<string> = new Set(["language"]);

/** Reads the answers of `generateContent`, of which a stream's event has the same form. */
export function geminiReader({ scope, toolNames }: ReadOptions): Reader {
  let calls = 0;
  const end = answerEnd(finish);
  let failure: Delta | null = null;
  let hasContent = false;
  /** The same without thoughts. */
  let hasSaid = false;
  const unshown = unshownOutput();
  const usage = notedUsage();
  let said = "";
  const grounds: Grounds = { grounding: null, repeated: new Map() };

  function partTo(part: JsonObject, out: Delta[]): void {
    const { text, functionCall: call, thoughtSignature: signature } = part;
    addUnsaid(without(part, SAID));
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
      if (part.thought === true || !isPicture(part.inlineData)) addMedium(part.inlineData);
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

  function addUnsaid(part: JsonObject): void {
    for (const value of Object.values(part)) unshown.add(isObject(value) ? without(value, LABELS) : value);
  }

  function addMedium({ mimeType, data }: JsonObject): void {
    if (typeof mimeType === "string" && mimeType.startsWith("audio/") && typeof data === "string")
      unshown.addSound(data);
    else unshown.addPicture();
  }

  /** Another candidate, which was not asked for: no client gets it. */
  function addCandidate(candidate: unknown): void {
    for (const part of partsOf(candidate)) {
      const { inlineData, ...others } = without(part, NO_OUTPUT);
      if (isObject(inlineData)) addMedium(inlineData);
      addUnsaid(others);
    }
  }

  const noteUsage = ({ usageMetadata }: JsonObject) =>
    usage.note(geminiUsage(usageMetadata, { hasContent, hasSaid }));

  function answerTo(answer: JsonObject, out: Delta[]): void {
    const before = out.length;
    const [candidate, ...others] = Array.isArray(answer.candidates) ? answer.candidates : [];
    others.forEach(addCandidate);
    if (isObject(candidate)) {
      for (const part of partsOf(candidate)) partTo(part, out);
      noteGrounds(candidate, grounds);
      if (typeof candidate.finishReason === "string") end.note(candidate.finishReason);
    } else if (isObject(answer.promptFeedback) && typeof answer.promptFeedback.blockReason === "string") {
      end.note(answer.promptFeedback.blockReason);
    }
    if (hasGenerated(out, before)) {
      hasContent = true;
      hasSaid ||= out.slice(before).some(({ kind }) => kind !== "think" && kind !== "seal");
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

  return endedReader(event, whole, usage, end, noteUsage, unshown);
}

function partsOf(candidate: unknown): JsonObject[] {
  const content = isObject(candidate) && isObject(candidate.content) ? candidate.content : {};
  return Array.isArray(content.parts) ? content.parts.filter(isObject) : [];
}

const isAnswer = (body: unknown): body is JsonObject =>
  isObject(body) &&
  !isObject(body.error) &&
  (Array.isArray(body.candidates) || isObject(body.promptFeedback) || isObject(body.usageMetadata));

const errorIn = (body: unknown): unknown => (isObject(body) && body.error !== undefined ? body.error : null);

type Picture = { mimeType: string; data: string };

const isPicture = (data: JsonObject): data is JsonObject & Picture =>
  typeof data.mimeType === "string" &&
  /^image\/[\w.+-]+$/.test(data.mimeType) &&
  typeof data.data === "string";

/** A picture; there is no dialect that has all else that a model could make. */
function madeOf(made: JsonObject): Delta {
  if (isPicture(made)) return { kind: "image", mediaType: made.mimeType, base64: made.data };
  const type = typeof made.mimeType === "string" ? made.mimeType.slice(0, 100) : "data";
  return invalidOutput("unsupported_output", `The model has answered with ${type}, which is not supported.`);
}
