import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { blocksOf } from "./content";
import { isEffort } from "./message-settings";

/**
 * A conversation in the form that chat templates take: servers that serve this dialect for open models turn it into
 * that (vLLM, SGLang, LiteLLM). What templates add to messages, calls and results is found in there.
 */
export function asChat(system: unknown, messages: readonly JsonObject[]): readonly JsonObject[] {
  const chat = messages.flatMap(asChatMessages);
  return system === undefined || system === null ? chat : [{ role: "system", content: system }, ...chat];
}

/** Results are messages of their own, before the rest. */
function asChatMessages(message: JsonObject): JsonObject[] {
  const blocks = blocksOf(message).filter(isObject);
  if (blocks.length === 0) return [message];
  const results = blocks.filter(isResult);
  const calls = blocks.filter(isCall);
  const rest = blocks.filter((block) => !isResult(block) && !isCall(block));
  const said: JsonObject = { role: message.role, content: rest };
  const spoken = calls.length > 0 ? { ...said, tool_calls: calls.map(asCall) } : said;
  const isSilent = rest.length === 0 && calls.length === 0;
  return isSilent ? results.map(asResult) : [...results.map(asResult), spoken];
}

const isResult = ({ type }: JsonObject): boolean => type === "tool_result";
const isCall = ({ type }: JsonObject): boolean => type === "tool_use";

const asResult = ({ tool_use_id: id, content }: JsonObject): JsonObject => ({
  role: "tool",
  tool_call_id: id,
  content,
});

const asCall = ({ id, name, input }: JsonObject): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: input },
});

/** Tools in that form. */
export const asChatTools = (tools: unknown): readonly JsonObject[] =>
  (Array.isArray(tools) ? tools.filter(isObject) : []).map(
    ({ name, description, input_schema: parameters }) => ({
      type: "function",
      function: { name, description, parameters },
    }),
  );

/**
 * Messages without what bounds nothing that the model reads: an effort for the turns that follow, who made a call, that
 * a document is not cited, and the names of tools whose definitions are in the request.
 */
export const withoutSettings = (messages: readonly JsonObject[]): readonly JsonObject[] =>
  messages.map(plainMessage);

function plainMessage(message: JsonObject): JsonObject {
  const { output_config: config, ...rest } = message;
  const plain = isEffort(config) ? rest : message;
  return Array.isArray(plain.content) ? { ...plain, content: plain.content.map(plainBlock) } : plain;
}

function plainBlock(block: unknown): unknown {
  if (!isObject(block)) return block;
  const { caller: _, citations, ...others } = block;
  const isCited = isObject(citations) ? citations.enabled !== false : citations !== undefined;
  const rest = isCited ? { ...others, citations } : others;
  if (block.type === "tool_reference") return { type: "text", text: block.tool_name };
  return Array.isArray(rest.content) ? { ...rest, content: rest.content.map(plainBlock) } : rest;
}
