import type { Assembler } from "#lib/dialects/dialect";
import { eventOf } from "#lib/dialects/events/event-payloads";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { type DeltaRules, type Merged, mergeDelta, mergedWith } from "#lib/dialects/text/merge-deltas";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { choicesOf } from "./choices";
import { DONE } from "./done";

/** Choices of an answer, and calls of a choice; real ones have a fraction of that. */
const MOST_PARTS = 256;

const RULES: DeltaRules = {
  texts: new Set([
    "content",
    "reasoning_content",
    "reasoning",
    "thinking",
    "refusal",
    "arguments",
    "input",
    "transcript",
    "data",
    "text",
  ]),
  indexed: new Set(["tool_calls"]),
  mostIndexed: MOST_PARTS,
};

/**
 * The whole chat completion that a stream's chunks add up to. Fields that Tollgate does not know are kept:
 * within a choice, lists are joined; else the last value counts.
 */
export function chatAssembler(): Assembler {
  const body = mergedWith({});
  const choices = new Map<number, Merged>();
  let isTooMuch = false;
  return {
    add(payload) {
      if (isTooMuch || !payload.trimStart().startsWith("{")) return;
      const chunk = parsedObject(payload);
      if (chunk === null) {
        isTooMuch = true;
        return;
      }
      // Of the fields around the choices each chunk has all: some providers repeat them, or count up.
      for (const [name, value] of Object.entries(chunk)) {
        if (value !== null || body[name] === undefined) body[name] = value;
      }
      for (const choice of choicesOf(chunk)) if (isObject(choice)) addChoice(choices, choice);
      isTooMuch = [...choices.values()].some(({ message }) => hasTooManyCalls(message));
      isTooMuch ||= choices.size > MOST_PARTS;
    },
    whole: () => (isTooMuch ? null : wholeOf(body, [...choices.values()])),
  };
}

function wholeOf({ usage, ...fields }: Merged, choices: Merged[]): Buffer {
  choices.sort((a, b) => Number(a.index) - Number(b.index));
  for (const choice of choices) choice.message = wholeMessage(choice.message);
  const whole = { ...fields, object: "chat.completion", choices };
  return Buffer.from(JSON.stringify(isObject(usage) ? { ...whole, usage } : whole));
}

function addChoice(choices: Map<number, Merged>, { delta, message, ...rest }: JsonObject): void {
  const index = typeof rest.index === "number" ? rest.index : 0;
  const known = choices.get(index) ?? mergedWith({ index });
  choices.set(index, known);
  mergeDelta(known, rest, RULES);
  const said = delta ?? message;
  if (isObject(said)) mergeDelta(known, { message: said }, RULES);
}

const hasTooManyCalls = (message: unknown) =>
  isObject(message) && Array.isArray(message.tool_calls) && message.tool_calls.length > MOST_PARTS;

/** A call's index belongs to a stream. */
function wholeMessage(message: unknown): JsonObject {
  const said = isObject(message) ? message : {};
  const calls: readonly unknown[] = Array.isArray(said.tool_calls) ? said.tool_calls : [];
  const whole = { role: "assistant", content: null, ...said };
  if (!Array.isArray(said.tool_calls)) return whole;
  return {
    ...whole,
    tool_calls: calls.map((call) => {
      if (!isObject(call)) return call;
      const { index: _, ...rest } = call;
      return rest;
    }),
  };
}

/**
 * The stream that says what a whole chat completion says: a chunk with each message, one with each reason to
 * finish, one with the usage, and `[DONE]`.
 * @param whole a chat completion
 * @returns null if it has too much structure to be parsed
 */
export function splitChat(whole: Buffer): Buffer | null {
  const body = parsedObject(whole.toString("utf8"));
  if (body === null) return null;
  const { choices: _, usage, object: __, ...rest } = body;
  const base = { ...rest, object: "chat.completion.chunk" };
  let events = "";
  for (const [at, choice] of choicesOf(body).entries()) {
    if (!isObject(choice)) continue;
    const { message, finish_reason, ...others } = choice;
    const index = typeof choice.index === "number" ? choice.index : at;
    const delta = isObject(message) ? indexedCalls(message) : {};
    events += eventOf({ ...base, choices: [{ ...others, index, delta, finish_reason: null }] });
    if (finish_reason === null || finish_reason === undefined) continue;
    events += eventOf({ ...base, choices: [{ index, delta: {}, finish_reason }] });
  }
  if (isObject(usage)) events += eventOf({ ...base, choices: [], usage });
  return Buffer.concat([Buffer.from(events), DONE]);
}

function indexedCalls(message: JsonObject): JsonObject {
  if (!Array.isArray(message.tool_calls)) return message;
  const calls: readonly unknown[] = message.tool_calls;
  return {
    ...message,
    tool_calls: calls.map((call, index) => (isObject(call) ? { index, ...call } : call)),
  };
}
