import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import {
  asksToReason,
  type Bounds,
  type Encoded,
  type EncodeOptions,
  type Tool,
  type Turn,
} from "#lib/translation/turn";
import { describedSchema } from "#lib/translation/wires/closed-schema";
import { asFunction } from "#lib/translation/wires/function-tools";
import {
  dropDetails,
  dropMarks,
  encodedWith,
  type Notes,
  notesOn,
  plainValue,
} from "#lib/translation/wires/notes";
import { namesIn, type ToolNames, toolNames } from "#lib/translation/wires/tool-names";
import { contentsOf } from "./contents";
import { thinkingConfig } from "./thinking";

/** ai.google.dev/api/generate-content: `stopSequences` has at most five. */
const MOST_STOPS = 5;
/** ai.google.dev/api/caching#FunctionDeclaration */
const NAME = {
  most: 64,
  unsafe: /[^A-Za-z0-9_.:-]/g,
  isAllowed: (name: string) => /^[A-Za-z_][\w.:-]{0,63}$/.test(name),
};

/** A request for Gemini. Its output bound counts the thoughts, as the hold does. */
export function encodeGemini(turn: Turn, options: EncodeOptions): Encoded {
  const notes = notesOn(turn);
  dropDetails(turn, notes);
  dropMarks(turn, notes);
  for (const offer of [turn.verbosity, turn.user, turn.cacheKey]) notes.drop(offer);
  const names = toolNames(namesIn(turn), NAME);
  const { systemInstruction, contents } = contentsOf(turn, { options, names, notes });
  const { tools, toolConfig } = toolFields(turn, names, notes);
  return encodedWith(notes, names, {
    contents,
    systemInstruction,
    tools,
    toolConfig,
    generationConfig: generationConfig(turn, options, notes),
  });
}

/** Only a budget of thoughts depends on the bound besides. */
export function reboundGemini(body: JsonObject, turn: Turn, { maxTokens }: Bounds): JsonObject | null {
  if (asksToReason(turn) || !isObject(body.generationConfig)) return null;
  return { ...body, generationConfig: { ...body.generationConfig, maxOutputTokens: maxTokens ?? undefined } };
}

function generationConfig(turn: Turn, { maxTokens, upstreamModel }: EncodeOptions, notes: Notes): JsonObject {
  const { stop, format } = turn;
  const isTooMany = stop !== null && stop.value.length > MOST_STOPS;
  if (isTooMany) notes.refuse(stop, "at most five stop sequences are supported");
  return {
    maxOutputTokens: maxTokens ?? undefined,
    temperature: plainValue(turn.temperature),
    topP: plainValue(turn.topP),
    topK: plainValue(turn.topK),
    seed: plainValue(turn.seed),
    frequencyPenalty: plainValue(turn.frequencyPenalty),
    presencePenalty: plainValue(turn.presencePenalty),
    stopSequences: isTooMany ? undefined : plainValue(stop),
    responseMimeType: format === null ? undefined : "application/json",
    responseJsonSchema: format?.value.kind === "schema" ? describedSchema(format.value) : undefined,
    thinkingConfig: thinkingConfig(turn.reasoning, upstreamModel, maxTokens, notes),
  };
}

const NO_TOOLS: JsonObject = {};

function toolFields(turn: Turn, names: ToolNames, notes: Notes): JsonObject {
  const { tools, toolChoice, parallelCalls } = turn;
  if (tools.length === 0) return NO_TOOLS;
  // The API has no such setting.
  if (parallelCalls?.value === false) notes.drop(parallelCalls);
  for (const { strict, strictAt } of tools) if (strict === true) notes.dropped.push(strictAt);
  return {
    tools: [{ functionDeclarations: tools.map((tool) => declarationOf(tool, names)) }],
    toolConfig: toolChoice === null ? undefined : { functionCallingConfig: callingConfig(turn, names) },
  };
}

function declarationOf(tool: Tool, names: ToolNames): JsonObject {
  const { name, description, schema } = asFunction(tool, names);
  // A description is required.
  return { name, description: description ?? tool.name, parametersJsonSchema: schema };
}

function callingConfig({ toolChoice }: Turn, names: ToolNames): JsonObject {
  const choice = toolChoice?.value;
  switch (choice?.kind) {
    case "any":
      return { mode: "ANY" };
    case "none":
      return { mode: "NONE" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [names.sent(choice.name)] };
    default:
      return { mode: "AUTO" };
  }
}
