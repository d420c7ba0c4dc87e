import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { hasKnownCitations } from "./citations";
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

/** How many messages it has in that form, and whether results are among them. */
export function chatSize(
  system: unknown,
  messages: readonly JsonObject[],
): { messages: number; hasResults: boolean } {
  let results = 0;
  let others = system === undefined || system === null ? 0 : 1;
  for (const message of messages) {
    const before = results;
    let rest = 0;
    for (const block of blocksOf(message)) {
      if (!isObject(block)) continue;
      if (isResult(block)) results += 1;
      else rest += 1;
    }
    if (rest > 0 || results === before) others += 1;
  }
  return { messages: results + others, hasResults: results > 0 };
}

/** The results in that form. */
export const resultsIn = (messages: readonly JsonObject[]): readonly JsonObject[] =>
  messages.flatMap((message) => blocksOf(message).filter(isObject).filter(isResult).map(asResult));

/** The messages of a body that was checked. */
export const messagesIn = ({ messages }: JsonObject): readonly JsonObject[] =>
  Array.isArray(messages) ? messages.filter(isObject) : [];

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
 * Messages without what bounds nothing that the model reads: an effort for the turns that follow, who made a call,
 * whether a text is cited (citations.ts), and the names of tools whose definitions are in the request.
 */
export const withoutSettings = (messages: readonly JsonObject[]): readonly JsonObject[] =>
  messages.map(plainMessage);

function plainMessage(message: JsonObject): JsonObject {
  const { content } = message;
  const plain = isEffort(message.output_config) ? withoutSetting(message) : message;
  return Array.isArray(content) && content.some(isChanged)
    ? { ...plain, content: content.map(plainBlock) }
    : plain;
}

/** Whether a block is not plain: most are, and there may be tens of thousands. */
const isChanged = (block: unknown): boolean =>
  isObject(block) &&
  (block.caller !== undefined ||
    block.citations !== undefined ||
    block.type === "tool_reference" ||
    (Array.isArray(block.content) && block.content.some(isChanged)));

const withoutSetting = ({ output_config: _, ...message }: JsonObject): JsonObject => message;

function plainBlock(block: unknown): unknown {
  if (!isObject(block) || !isChanged(block)) return block;
  if (block.type === "tool_reference") return { type: "text", text: block.tool_name };
  const { caller: _, citations, ...others } = block;
  const isUncertain = citations !== undefined && !hasKnownCitations(block);
  const rest: JsonObject = isUncertain ? { ...others, citations } : others;
  return Array.isArray(rest.content) ? { ...rest, content: rest.content.map(plainBlock) } : rest;
}
