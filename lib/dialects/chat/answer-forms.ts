import { type ChoiceForm, choicesAssembler, MOST_PARTS, splitChoices } from "#lib/dialects/choices/assembler";
import type { Assembler } from "#lib/dialects/dialect";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { type DeltaRules, mergeDelta } from "#lib/dialects/text/merge-deltas";

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

const FORM: ChoiceForm = {
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  mostChoices: MOST_PARTS,
  add(known, { delta, message, ...rest }) {
    mergeDelta(known, rest, RULES);
    const said = delta ?? message;
    if (isObject(said)) mergeDelta(known, { message: said }, RULES);
  },
  isTooMuch: ({ message }) => hasTooManyCalls(message),
  whole: (choice) => Object.assign(choice, { message: wholeMessage(choice.message) }),
  split({ message, finish_reason, ...others }, index) {
    const delta = isObject(message) ? indexedCalls(message) : {};
    const said = { ...others, index, delta, finish_reason: null };
    if (finish_reason === null || finish_reason === undefined) return [said];
    return [said, { index, delta: {}, finish_reason }];
  },
};

/** The whole chat completion that a stream's chunks add up to. */
export const chatAssembler = (): Assembler => choicesAssembler(FORM);

/** The stream that says what a whole chat completion says: a chunk with each message, and one with each end. */
export const splitChat = (whole: Buffer): Buffer | null => splitChoices(FORM, whole);

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

function indexedCalls(message: JsonObject): JsonObject {
  if (!Array.isArray(message.tool_calls)) return message;
  const calls: readonly unknown[] = message.tool_calls;
  return {
    ...message,
    tool_calls: calls.map((call, index) => (isObject(call) ? { index, ...call } : call)),
  };
}
