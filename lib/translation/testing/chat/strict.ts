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

const ROOT = [
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "stop",
  "temperature",
  "top_p",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "response_format",
  "reasoning_effort",
  "verbosity",
  "prompt_cache_key",
  "user",
  "stream",
  "stream_options",
];
/** The fields of each role's message. */
const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  system: ["role", "content"],
  user: ["role", "content"],
  assistant: ["role", "content", "tool_calls", "reasoning_content"],
  tool: ["role", "content", "tool_call_id"],
};
const PARTS: Readonly<Record<string, string>> = {
  text: "text",
  image_url: "image_url",
  input_audio: "input_audio",
  file: "file",
};

/**
 * What OpenAI's API says is wrong with a request, as documented (developers.openai.com/api/reference/resources/chat);
 * null if it would answer.
 */
export function chatFault(body: JsonObject): string | null {
  return faultIn(() => {
    onlyFields(body, ROOT, "");
    if (body.stream_options !== undefined && body.stream !== true)
      throw new Fault("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
    const tools = objects(body.tools ?? [], "tools");
    for (const tool of tools) checkTool(tool);
    for (const name of ["tool_choice", "parallel_tool_calls"])
      if (body[name] !== undefined && tools.length === 0)
        throw new Fault(`'${name}' is only allowed when 'tools' are specified.`);
    if (list(body.stop ?? [], "stop").length > 4) throw new Fault("Invalid 'stop': array too long.");
    checkMessages(objects(body.messages, "messages"));
  });
}

function checkTool(tool: JsonObject): void {
  onlyFields(tool, ["type", "function"], "tools");
  const called = object(tool.function, "tools.function");
  onlyFields(called, ["name", "description", "parameters", "strict"], "tools.function");
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(called.name)))
    throw new Fault("Invalid 'tools[0].function.name': string does not match pattern.");
  checkParameters(called.parameters, "tools.function.parameters");
}

/** Every call is answered, once, right after it. */
function checkMessages(messages: readonly JsonObject[]): void {
  if (messages.length === 0) throw new Fault("Invalid 'messages': empty array.");
  let open = new Set<string>();
  for (const message of messages) {
    const role = String(message.role);
    onlyFields(message, MESSAGES[role] ?? [], `messages.${role}`);
    if (role === "tool") {
      if (!open.delete(String(message.tool_call_id)))
        throw new Fault(
          "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
        );
      if (typeof message.content !== "string") throw new Fault("messages.tool.content: must be a string");
      continue;
    }
    if (open.size > 0)
      throw new Fault(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each.",
      );
    checkContent(message);
    open = new Set(callIds(message));
  }
  if (open.size > 0) throw new Fault("'tool_calls' must be followed by tool messages.");
}

function callIds(message: JsonObject): string[] {
  const calls = objects(message.tool_calls ?? [], "tool_calls");
  const ids = calls.map(({ id }) => String(id));
  for (const call of calls) {
    onlyFields(call, ["id", "type", "function"], "tool_calls");
    const { arguments: args } = object(call.function, "tool_calls.function");
    if (typeof args !== "string") throw new Fault("tool_calls.function.arguments: must be a string");
    JSON.parse(args);
  }
  if (ids.some((id) => id.length > 40)) throw new Fault("Invalid 'tool_calls[0].id': string too long.");
  if (new Set(ids).size !== ids.length) throw new Fault("Duplicate value for 'tool_call_id'.");
  return ids;
}

function checkContent({ role, content, tool_calls: calls }: JsonObject): void {
  if (typeof content === "string") return;
  if (content === null && role === "assistant" && Array.isArray(calls)) return;
  for (const value of list(content, "content")) {
    const part = object(value, "content");
    const field = PARTS[String(part.type)];
    if (field === undefined || (role !== "user" && field !== "text"))
      throw new Fault(`Invalid value: '${String(part.type)}'.`);
    onlyFields(part, ["type", field], "content");
  }
}
