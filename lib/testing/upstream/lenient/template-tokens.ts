import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

// What chat templates make of a body beyond its texts, in the worst form of each kind that is known: Command R7B's and
// Granite's documents, Mistral's special tokens after each message, Llama 3.1's indented tools, the names in Granite's
// and Hermes's tools, and the name of the call with each result in gpt-oss.

/** Granite writes a head and an end around each document. */
const TOKENS_PER_DOCUMENT = 13;
const DIGITS = /[0-9]/g;

/**
 * The tokens that a server makes of a body which passes all of it to the template: a token for each digit, as in Llama 2
 * and StarCoder, and for each four other characters. The texts of the messages are counted elsewhere.
 */
export function templateTokens(body: unknown): number {
  if (!isObject(body)) return 0;
  const { messages, model: _, chat_template_kwargs: given, ...others } = body;
  const context: JsonObject = { ...others, ...(isObject(given) ? given : {}) };
  const turns = Array.isArray(messages) ? messages.filter(isObject) : [];
  let tokens = 0;
  for (const token of [context.bos_token, context.eos_token]) tokens += written(token) * turns.length;
  if (Array.isArray(context.documents)) {
    tokens += written(context.documents) + context.documents.length * TOKENS_PER_DOCUMENT;
  }
  return tokens + toolTokens(context.custom_tools ?? context.tools) + resultNames(turns);
}

function toolTokens(tools: unknown): number {
  if (!Array.isArray(tools)) return 0;
  const signatures = tools.reduce((sum: number, tool) => sum + signatureTokens(tool), 0);
  return Math.max(tokensOf(JSON.stringify(tools, null, 4)), tokensOf(JSON.stringify(tools)) + signatures);
}

/** Granite's `f(a: str) - …` and a line for each parameter, besides the JSON. */
function signatureTokens(tool: unknown): number {
  const definition = isObject(tool) && isObject(tool.function) ? tool.function : {};
  const parameters = isObject(definition.parameters) ? definition.parameters : {};
  let tokens = written(definition.name);
  for (const [name, field] of Object.entries(isObject(parameters.properties) ? parameters.properties : {})) {
    if (isObject(field)) tokens += written(field.description);
    tokens += 2 * tokensOf(name);
  }
  return tokens;
}

/** gpt-oss names the last call before each result. */
function resultNames(turns: readonly JsonObject[]): number {
  let tokens = 0;
  let name: unknown;
  for (const { role, tool_calls: calls } of turns) {
    const last: unknown = Array.isArray(calls) ? calls.at(-1) : undefined;
    if (isObject(last) && isObject(last.function)) name = last.function.name;
    if (role === "tool") tokens += written(name);
  }
  return tokens;
}

const written = (value: unknown): number =>
  tokensOf(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

function tokensOf(text: string): number {
  const digits = text.match(DIGITS)?.length ?? 0;
  return digits + Math.ceil((text.length - digits) / 4);
}
