import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { Fault, faultIn, list, object, objects, onlyFields } from "#lib/translation/testing/strict-checks";

/** The signatures that the fake has issued; anything else but the documented stand-in is corrupted. */
export const SIGNATURES = ["c2lnbmF0dXJlLW9uZQ==", "c2lnbmF0dXJlLXR3bw=="] as const;
const STAND_IN = "skip_thought_signature_validator";

const ROOT = ["contents", "tools", "toolConfig", "systemInstruction", "generationConfig", "safetySettings"];
const CONFIG = [
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
  "stopSequences",
  "responseMimeType",
  "responseJsonSchema",
  "responseSchema",
  "thinkingConfig",
  "candidateCount",
];
const DATA = ["text", "inlineData", "fileData", "functionCall", "functionResponse"];

/**
 * What Gemini's API says is wrong with a request, as documented (ai.google.dev/api/generate-content, …/function-calling,
 * …/thought-signatures); null if it would answer.
 */
export function geminiFault(model: string, body: unknown): string | null {
  return faultIn(() => {
    checkRequest(model, object(body, "request"));
  });
}

function checkRequest(model: string, body: JsonObject): void {
  onlyFields(body, ROOT, "");
  checkConfig(body.generationConfig);
  checkTools(body);
  if (body.systemInstruction !== undefined) {
    // "Currently, text only" (ai.google.dev/api/generate-content).
    for (const { text } of checkParts(object(body.systemInstruction, "systemInstruction")))
      if (typeof text !== "string") throw new Fault("System instruction must be text only.");
  }
  const contents = objects(body.contents, "contents");
  if (contents.length === 0) throw new Fault("contents is not specified");
  let before: JsonObject | null = null;
  for (const content of contents) {
    onlyFields(content, ["role", "parts"], "contents");
    if (content.role !== "user" && content.role !== "model")
      throw new Fault("Please use a valid role: user, model.");
    if (content.role === before?.role || (before === null && content.role === "model"))
      throw new Fault("Please ensure that multiturn requests alternate between user and model.");
    checkParts(content);
    checkResults(before, content, /gemini-3\.[5-9]/.test(model));
    before = content;
  }
  if (/gemini-3/.test(model)) checkSignatures(contents);
}

function checkParts(content: JsonObject): readonly JsonObject[] {
  const parts = objects(content.parts, "parts");
  if (parts.length === 0) throw new Fault("contents.parts must not be empty.");
  for (const part of parts) {
    onlyFields(part, [...DATA, "thought", "thoughtSignature"], "contents.parts");
    const data = DATA.filter((name) => part[name] !== undefined);
    if (data.length !== 1)
      throw new Fault("contents.parts.data: required oneof field must have one initialized field");
    if (part.text === "" && part.thoughtSignature === undefined)
      throw new Fault("Unable to submit request because it must have a text parameter.");
    if (part.functionCall !== undefined)
      onlyFields(object(part.functionCall, "functionCall"), ["name", "args", "id"], "function_call");
    if (part.inlineData !== undefined) checkBlob(part.inlineData);
    if (part.fileData !== undefined)
      onlyFields(object(part.fileData, "fileData"), ["mimeType", "fileUri"], "file_data");
    if (part.functionResponse !== undefined) {
      const result = object(part.functionResponse, "functionResponse");
      onlyFields(result, ["name", "response", "parts", "id"], "function_response");
      object(result.response, "function_response.response");
      for (const inner of list(result.parts ?? [], "function_response.parts")) {
        onlyFields(object(inner, "parts"), ["inlineData"], "function_response.parts");
        checkBlob(object(inner, "parts").inlineData);
      }
    }
  }
  return parts;
}

function checkBlob(value: unknown): void {
  const blob = object(value, "inline_data");
  onlyFields(blob, ["mimeType", "data"], "inline_data");
  if (typeof blob.mimeType !== "string" || !/^\w+\/[\w.+-]+$/.test(blob.mimeType))
    throw new Fault(`Unsupported MIME type: ${blob.mimeType}`);
  if (typeof blob.data !== "string" || !/^[A-Za-z0-9+/_-]+=*$/.test(blob.data))
    throw new Fault("Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed");
}

const named = (content: JsonObject | null, field: string, of = "name"): unknown[] =>
  content === null
    ? []
    : list(content.parts, "parts").flatMap((part) => {
        const value = isObject(part) ? part[field] : undefined;
        return isObject(value) ? [value[of]] : [];
      });

function checkResults(before: JsonObject | null, content: JsonObject, hasIds: boolean): void {
  const calls = named(before, "functionCall");
  const results = named(content, "functionResponse");
  const idsOf = (turn: JsonObject | null, field: string) => named(turn, field, "id").toSorted().join();
  const ids = idsOf(before, "functionCall");
  if (!hasIds && ids.replaceAll(",", "") !== "")
    throw new Fault(`Unknown name "id" at 'function_call': Cannot find field.`);
  if (
    hasIds &&
    (ids !== idsOf(content, "functionResponse") || named(before, "functionCall", "id").includes(undefined))
  )
    throw new Fault("functionResponse.id does not match functionCall.id");
  if (calls.length !== results.length)
    throw new Fault(
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    );
  if (calls.toSorted().join() !== results.toSorted().join())
    throw new Fault("Function response name does not match any function call.");
}

/** Of the turn that goes on: since the last words of the user, the first call of each step has its signature. */
function checkSignatures(contents: readonly JsonObject[]): void {
  const start = contents.findLastIndex(
    (content) => content.role === "user" && named(content, "functionResponse").length === 0,
  );
  for (const [at, content] of contents.entries()) {
    const parts = list(content.parts, "parts").filter(isObject);
    for (const { thoughtSignature: signature } of parts) {
      const isKnown =
        signature === undefined || signature === STAND_IN || SIGNATURES.some((one) => one === signature);
      if (!isKnown) throw new Fault("Corrupted thought signature.");
    }
    const first = parts.find((part) => part.functionCall !== undefined);
    if (at > start && first !== undefined && first.thoughtSignature === undefined)
      throw new Fault("Function call is missing a thought_signature in functionCall parts.");
  }
}

function checkConfig(value: unknown): void {
  if (value === undefined) return;
  const config = object(value, "generation_config");
  onlyFields(config, CONFIG, "generation_config");
  if (config.stopSequences !== undefined && list(config.stopSequences, "stop").length > 5)
    throw new Fault("The number of stop sequences is larger than 5.");
  if (config.thinkingConfig === undefined) return;
  const thinking = object(config.thinkingConfig, "thinking_config");
  onlyFields(thinking, ["includeThoughts", "thinkingBudget", "thinkingLevel"], "thinking_config");
  if (thinking.thinkingBudget !== undefined && thinking.thinkingLevel !== undefined)
    throw new Fault("You can only set only one of thinking budget and thinking level.");
}

function checkTools({ tools, toolConfig }: JsonObject): void {
  const names: unknown[] = [];
  for (const tool of list(tools ?? [], "tools")) {
    onlyFields(object(tool, "tools"), ["functionDeclarations"], "tools");
    for (const item of list(object(tool, "tools").functionDeclarations, "function_declarations")) {
      const declaration = object(item, "function_declarations");
      onlyFields(
        declaration,
        ["name", "description", "parameters", "parametersJsonSchema"],
        "function_declarations",
      );
      if (typeof declaration.name !== "string" || !/^[A-Za-z_][\w.:-]{0,63}$/.test(declaration.name))
        throw new Fault(`Invalid function name: ${declaration.name}`);
      if (names.includes(declaration.name))
        throw new Fault(`Duplicate function declaration: ${declaration.name}`);
      if (typeof declaration.description !== "string") throw new Fault("description is required");
      names.push(declaration.name);
    }
  }
  if (toolConfig === undefined) return;
  const config = object(object(toolConfig, "tool_config").functionCallingConfig, "function_calling_config");
  onlyFields(config, ["mode", "allowedFunctionNames"], "function_calling_config");
  const allowed = list(config.allowedFunctionNames ?? [], "allowed_function_names");
  if (allowed.length > 0 && config.mode !== "ANY")
    throw new Fault("Allowed function names should only be set when the function calling mode is ANY.");
  for (const name of allowed) if (!names.includes(name)) throw new Fault(`Unknown function: ${name}`);
}
