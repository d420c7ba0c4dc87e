import type { JsonObject } from "#lib/dialects/text/json-fields";
import {
  checkParameters,
  Fault,
  faultIn,
  list,
  object,
  objects,
  onlyFields,
} from "#lib/translation/testing/strict-checks";

/** The reasoning that the fake has made; any other cannot be decrypted. */
export const ENCRYPTED = "gAAAAABencrypted-reasoning==";

const ROOT = [
  "model",
  "input",
  "store",
  "stream",
  "include",
  "max_output_tokens",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "reasoning",
  "text",
  "safety_identifier",
  "prompt_cache_key",
];
const ITEMS: Readonly<Record<string, readonly string[]>> = {
  message: ["role", "content"],
  reasoning: ["id", "summary", "encrypted_content"],
  function_call: ["call_id", "name", "arguments"],
  function_call_output: ["call_id", "output"],
};
const PARTS: Readonly<Record<string, readonly string[]>> = {
  input_text: ["text"],
  output_text: ["text"],
  input_image: ["image_url", "detail"],
  input_file: ["filename", "file_data", "file_url"],
};
const LEAST_BOUND = 16;

/**
 * What OpenAI's API says is wrong with a request, as documented (developers.openai.com/api/reference/resources/responses);
 * null if it would answer.
 */
export function responsesFault(body: JsonObject): string | null {
  return faultIn(() => {
    onlyFields(body, ROOT, "");
    const { max_output_tokens: bound, include, reasoning } = body;
    if (body.store !== false) throw new Fault("Nothing may be stored for this project.");
    if (typeof bound === "number" && bound < LEAST_BOUND)
      throw new Fault("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.");
    const reasons = /^(?:gpt-5|o\d)/.test(String(body.model));
    if (!reasons && (reasoning !== undefined || include !== undefined))
      throw new Fault("Encrypted content is not supported with this model.");
    if (reasons && (body.temperature !== undefined || body.top_p !== undefined))
      throw new Fault("Unsupported parameter: 'temperature' is not supported with this model.");
    const tools = objects(body.tools ?? [], "tools");
    for (const tool of tools) checkTool(tool);
    checkItems(objects(body.input, "input"));
  });
}

function checkTool(tool: JsonObject): void {
  onlyFields(tool, ["type", "name", "description", "parameters", "strict"], "tools");
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(tool.name))) throw new Fault("Invalid 'tools[0].name'.");
  checkParameters(tool.parameters, "tools.parameters");
  if (typeof tool.strict !== "boolean") throw new Fault("Missing required parameter: 'tools[0].strict'.");
}

/** Every call is answered, once. */
function checkItems(items: readonly JsonObject[]): void {
  if (items.length === 0) throw new Fault("Invalid 'input': empty array.");
  const open = new Set<string>();
  for (const item of items) {
    const type = String(item.type);
    onlyFields(item, ["type", ...(ITEMS[type] ?? [])], `input.${type}`);
    const callId = String(item.call_id);
    if (type === "message") checkContent(item);
    else if (type === "reasoning") checkReasoning(item);
    else if (type === "function_call") {
      JSON.parse(String(item.arguments));
      if (open.has(callId)) throw new Fault(`Duplicate call_id ${callId}.`);
      open.add(callId);
    } else if (!open.delete(callId))
      throw new Fault(`No tool call found for function call output ${callId}.`);
    else if (typeof item.output !== "string") checkParts(item.output, "input_");
  }
  if (open.size > 0) throw new Fault(`No tool output found for function call ${[...open].join()}.`);
}

function checkReasoning({ id, encrypted_content: encrypted }: JsonObject): void {
  if (encrypted !== ENCRYPTED) throw new Fault("The encrypted content could not be verified.");
  if (id !== undefined && !/^rs_/.test(String(id))) throw new Fault("Invalid 'input.id'.");
}

function checkContent({ role, content }: JsonObject): void {
  if (!["user", "assistant", "system", "developer"].includes(String(role)))
    throw new Fault("Invalid 'role'.");
  checkParts(content, role === "assistant" ? "output_" : "input_");
}

function checkParts(content: unknown, prefix: string): void {
  for (const value of list(content, "content")) {
    const part = object(value, "content");
    const type = String(part.type);
    if (!type.startsWith(prefix)) throw new Fault(`Invalid value: '${type}'.`);
    onlyFields(part, ["type", ...(PARTS[type] ?? [])], `content.${type}`);
  }
}
