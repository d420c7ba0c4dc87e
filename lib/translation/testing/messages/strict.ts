import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { Fault, faultIn, list, object, objects, onlyFields } from "#lib/translation/testing/strict-checks";

/** The signature that the fake has issued; any other is invalid. */
export const SIGNATURE = "EqQBCkYIARgCKkBzaWduYXR1cmU=";

const ROOT = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "tools",
  "tool_choice",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "metadata",
  "stream",
  "thinking",
  "output_config",
];
/** The fields of each kind of block, besides its type and a cache mark. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  text: ["text"],
  image: ["source"],
  document: ["source", "title", "context", "citations"],
  tool_use: ["id", "name", "input"],
  tool_result: ["tool_use_id", "content", "is_error"],
  thinking: ["thinking", "signature"],
  redacted_thinking: ["data"],
};
const LEAST_BUDGET = 1_024;

/**
 * What Anthropic's API says is wrong with a request, as documented (platform.claude.com/docs/en/api/messages,
 * …/extended-thinking, …/tool-use); null if it would answer.
 */
export function messagesFault(body: JsonObject): string | null {
  return faultIn(() => {
    checkRequest(body);
  });
}

function checkRequest(body: JsonObject): void {
  onlyFields(body, ROOT, "");
  if (typeof body.max_tokens !== "number" || body.max_tokens < 1)
    throw new Fault("max_tokens: Field required");
  if (typeof body.temperature === "number" && body.temperature > 1)
    throw new Fault("temperature: range: 0..1");
  checkThinking(body);
  for (const block of list(body.system ?? [], "system")) checkBlock(block, "system", ["text"]);
  const tools = objects(body.tools ?? [], "tools");
  for (const tool of tools) checkTool(tool);
  const messages = objects(body.messages, "messages");
  if (messages.length === 0) throw new Fault("messages: at least one message is required");
  checkMessages(messages);
  const hasCalls = messages.some((message) => blocksIn(message, "tool_use").length > 0);
  if (hasCalls && tools.length === 0)
    throw new Fault("Requests which include `tool_use` or `tool_result` blocks must define tools");
}

function checkThinking({ thinking, max_tokens: max, temperature, top_k, tool_choice, messages }: JsonObject) {
  if (thinking === undefined) return;
  const { type, budget_tokens: budget } = object(thinking, "thinking");
  if (type === "disabled") return;
  if (type === "enabled" && (typeof budget !== "number" || budget < LEAST_BUDGET))
    throw new Fault("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
  if (typeof budget === "number" && budget >= Number(max))
    throw new Fault("`max_tokens` must be greater than `thinking.budget_tokens`");
  if (temperature !== undefined && temperature !== 1)
    throw new Fault("`temperature` may only be set to 1 when thinking is enabled");
  if (top_k !== undefined) throw new Fault("`top_k` must be unset when thinking is enabled");
  const forced = isObject(tool_choice) && (tool_choice.type === "any" || tool_choice.type === "tool");
  if (forced) throw new Fault("Thinking may not be enabled when tool_choice forces tool use.");
  if (type === "enabled") checkBegunTurn(objects(messages, "messages"));
}

/**
 * In a loop of tools, the model may have thought but once.
 * @param kindOf the type of a block, as this dialect has it
 */
export function checkBegunTurn(
  messages: readonly JsonObject[],
  kindOf: (block: JsonObject) => unknown = ({ type }) => type,
): void {
  const kinds = messages.map((message) => ({ role: message.role, found: contentOf(message).map(kindOf) }));
  const words = kinds.findLastIndex(({ role, found }) => role === "user" && !found.includes("tool_result"));
  const first = kinds.slice(words + 1).flatMap(({ role, found }) => (role === "assistant" ? [found[0]] : []));
  if (first.length > 0 && !first.includes("thinking") && !first.includes("redacted_thinking"))
    throw new Fault(`Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first.at(-1))}\`.`);
}

function checkTool(tool: JsonObject): void {
  onlyFields(tool, ["name", "description", "input_schema", "strict", "cache_control", "type"], "tools");
  if (typeof tool.name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name))
    throw new Fault("tools.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
  if (object(tool.input_schema, "tools.input_schema").type !== "object")
    throw new Fault("tools.input_schema.type: Field required");
}

function checkMessages(messages: readonly JsonObject[]): void {
  let before: JsonObject | null = null;
  for (const message of messages) {
    onlyFields(message, ["role", "content"], "messages");
    const { role } = message;
    if (role !== "user" && role !== "assistant")
      throw new Fault("messages.role: Input should be 'user' or 'assistant'");
    if (before === null && role !== "user") throw new Fault("messages: first message must use the user role");
    for (const block of contentOf(message))
      checkBlock(block, "messages", Object.keys(BLOCKS), role === "assistant");
    checkResults(before, message);
    before = message;
  }
  const calls = before === null ? [] : blocksIn(before, "tool_use");
  if (calls.length > 0)
    throw new Fault("`tool_use` ids were found without `tool_result` blocks immediately after");
}

function checkResults(before: JsonObject | null, message: JsonObject): void {
  const calls = before === null ? [] : blocksIn(before, "tool_use").map(({ id }) => String(id));
  const results = blocksIn(message, "tool_result").map(({ tool_use_id: id }) => String(id));
  if (new Set(calls).size !== calls.length) throw new Fault("`tool_use` ids must be unique");
  if (calls.toSorted().join() !== results.toSorted().join())
    throw new Fault("`tool_use` ids were found without `tool_result` blocks immediately after");
  const types = contentOf(message).map(({ type }) => type === "tool_result");
  if (types.lastIndexOf(true) > types.indexOf(false) && types.includes(false) && types.includes(true))
    throw new Fault("tool_result blocks must come first in the content");
}

function checkBlock(value: unknown, at: string, allowed: readonly string[], isAnswer = false): void {
  const block = object(value, at);
  const type = String(block.type);
  const fields = BLOCKS[type];
  if (fields === undefined || !allowed.includes(type))
    throw new Fault(`${at}.content.type: Input tag '${type}' is not expected`);
  onlyFields(block, ["type", "cache_control", ...fields], `${at}.${type}`);
  if (type === "text" && (typeof block.text !== "string" || block.text.trim() === ""))
    throw new Fault("messages: text content blocks must contain non-whitespace text");
  if (type === "thinking" && block.signature !== SIGNATURE)
    throw new Fault("messages.content: Invalid `signature` in `thinking` block");
  if (["tool_use", "thinking"].includes(type) !== isAnswer && type !== "text")
    throw new Fault(`messages: ${type} blocks are not permitted here`);
  if (type === "tool_use" && !/^[a-zA-Z0-9_-]+$/.test(String(block.id)))
    throw new Fault("messages.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
  if (type === "tool_use") object(block.input, "messages.tool_use.input");
  if (type === "tool_result" && Array.isArray(block.content))
    for (const inner of block.content) checkBlock(inner, "tool_result", ["text", "image", "document"]);
  if (type === "image" || type === "document") checkSource(object(block.source, `${type}.source`), type);
}

function checkSource({ type, ...source }: JsonObject, kind: string): void {
  if (type === "url") {
    onlyFields(source, ["url"], "source");
    return;
  }
  onlyFields(source, ["media_type", "data"], "source");
  const types = kind === "image" ? /^image\/(?:png|jpeg|gif|webp)$/ : /^(?:application\/pdf|text\/plain)$/;
  if (!types.test(String(source.media_type))) throw new Fault(`${kind}.source.media_type: is not supported`);
  if (type === "base64" && !/^[A-Za-z0-9+/]+=*$/.test(String(source.data)))
    throw new Fault(`${kind}.source.base64: invalid base64 data`);
}

const contentOf = (message: JsonObject): readonly JsonObject[] =>
  typeof message.content === "string"
    ? [{ type: "text", text: message.content }]
    : objects(message.content, "content");

const blocksIn = (message: JsonObject, type: string): readonly JsonObject[] =>
  contentOf(message).filter((block) => block.type === type);
