import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { SIGNATURE as CLAUDES, checkBegunTurn } from "#lib/translation/testing/messages/strict";
import { Fault, faultIn, list, object, onlyFields } from "#lib/translation/testing/strict-checks";

/** The signature that the fake has issued; any other is invalid. */
export const SIGNATURE = "Q29udmVyc2VTaWduYXR1cmU=";

const ROOT = [
  "messages",
  "system",
  "inferenceConfig",
  "toolConfig",
  "additionalModelRequestFields",
  "additionalModelResponseFieldPaths",
  "outputConfig",
];
const BLOCKS = ["text", "image", "document", "toolUse", "toolResult", "cachePoint", "reasoningContent"];
const IN_RESULTS = ["text", "json", "image", "document"];
const IMAGES = ["png", "jpeg", "gif", "webp"];
const DOCUMENTS = ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];

/**
 * What Bedrock says is wrong with a request for Converse, as documented
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and the types it names, and …/userguide/
 * prompt-caching.html, nova2-userguide/extended-thinking.html); null if it would answer.
 */
export function converseFault(model: string, body: unknown): string | null {
  return faultIn(() => checkRequest(model, object(body, "request")));
}

function checkRequest(model: string, body: JsonObject): void {
  onlyFields(body, ROOT, "request");
  checkInference(model, body);
  const tools = checkTools(model, body.toolConfig);
  for (const item of list(body.system ?? [], "system"))
    oneOf(object(item, "system"), ["text", "cachePoint"], "system");
  const messages = list(body.messages, "messages").map((message) => object(message, "messages"));
  if (messages[0]?.role !== "user") throw new Fault("A conversation must start with a user message.");
  const names: unknown[] = [];
  for (const [at, message] of messages.entries()) {
    onlyFields(message, ["role", "content"], "messages");
    const isUser = message.role === "user";
    if (!isUser && message.role !== "assistant") throw new Fault("role must be user or assistant");
    if (message.role === messages[at - 1]?.role)
      throw new Fault("A conversation must alternate between user and assistant roles.");
    const blocks = list(message.content, "content").map((block) => object(block, "content"));
    if (blocks.length === 0) throw new Fault("The content field in the Message object is empty.");
    for (const block of blocks) checkBlock(block, { model, isUser, hasTools: tools !== null, names });
    checkWords(blocks);
    checkResults(messages[at - 1], blocks);
  }
  checkCaching(model, body);
  const { thinking } = object(body.additionalModelRequestFields ?? {}, "additional");
  if (isObject(thinking) && thinking.type === "enabled") checkBegunTurn(messages, claudesKind);
}

/** A block as the model itself has it. */
const claudesKind = (block: JsonObject): string =>
  block.reasoningContent !== undefined
    ? "thinking"
    : block.toolResult !== undefined
      ? "tool_result"
      : "other";

type Where = { model: string; isUser: boolean; hasTools: boolean; names: unknown[] };

function checkBlock(block: JsonObject, { model, isUser, hasTools, names }: Where): void {
  const kind = oneOf(block, BLOCKS, "content");
  const value = block[kind];
  if (kind === "text" && (typeof value !== "string" || value.trim() === ""))
    throw new Fault("The text field in the ContentBlock object is blank.");
  if (isUser && (kind === "toolUse" || kind === "reasoningContent"))
    throw new Fault(
      "User messages cannot contain reasoning content. Please remove the reasoning content and try again.",
    );
  if (!isUser && (kind === "toolResult" || kind === "image" || kind === "document"))
    throw new Fault(`Assistant messages cannot contain ${kind}.`);
  if ((kind === "toolUse" || kind === "toolResult") && !hasTools)
    throw new Fault("The toolConfig field must be defined when using toolUse and toolResult content blocks.");
  if (kind === "image" || kind === "document") checkMedia(kind, object(value, kind), names);
  if (kind === "toolUse") {
    const use = object(value, kind);
    onlyFields(use, ["toolUseId", "name", "input"], kind);
    checkId(model, use.toolUseId);
    object(use.input, "toolUse.input");
  }
  if (kind === "toolResult") {
    const result = object(value, kind);
    onlyFields(result, ["toolUseId", "content", "status"], kind);
    checkId(model, result.toolUseId);
    if (result.status !== undefined && !/nova|claude/.test(model))
      throw new Fault("This model doesn't support the status field. Remove status and try again.");
    const content = list(result.content, "toolResult.content").map((inner) => object(inner, "toolResult"));
    if (content.length === 0) throw new Fault("The content field in the toolResult is empty.");
    for (const inner of content) {
      const innerKind = oneOf(inner, IN_RESULTS, "toolResult.content");
      if (innerKind === "image" || innerKind === "document")
        checkMedia(innerKind, object(inner[innerKind], innerKind), names);
    }
  }
  if (kind === "reasoningContent") checkReasoning(model, object(value, kind));
}

function checkReasoning(model: string, content: JsonObject): void {
  const kind = oneOf(content, ["reasoningText", "redactedContent"], "reasoningContent");
  if (kind === "redactedContent") return;
  const { text, signature } = object(content.reasoningText, "reasoningText");
  const isKnown = signature === SIGNATURE || (/claude/.test(model) && signature === CLAUDES);
  if (typeof text !== "string" || !isKnown) throw new Fault("Invalid `signature` in `thinking` block");
}

function checkId(model: string, id: unknown): void {
  const form = /mistral/.test(model) ? /^[A-Za-z0-9]{9}$/ : /^[A-Za-z0-9_-]{1,64}$/;
  if (typeof id !== "string" || !form.test(id)) throw new Fault(`toolUseId must match ${form.source}`);
}

function checkMedia(kind: "image" | "document", media: JsonObject, names: unknown[]): void {
  const isImage = kind === "image";
  onlyFields(media, isImage ? ["format", "source"] : ["format", "source", "name", "citations"], kind);
  if (media.citations !== undefined)
    onlyFields(object(media.citations, "citations"), ["enabled"], "citations");
  if (typeof media.format !== "string" || !(isImage ? IMAGES : DOCUMENTS).includes(media.format))
    throw new Fault(`${kind}.format is not supported`);
  const { bytes } = object(media.source, "source");
  onlyFields(object(media.source, "source"), ["bytes"], "source");
  if (typeof bytes !== "string" || !/^[A-Za-z0-9+/]+=*$/.test(bytes))
    throw new Fault("source.bytes must be base64");
  if (isImage) return;
  const { name } = media;
  if (
    typeof name !== "string" ||
    !/^[A-Za-z0-9()[\]-]+(?: [A-Za-z0-9()[\]-]+)*$/.test(name) ||
    name.length > 200
  )
    throw new Fault(
      "The document file name can only contain alphanumeric characters, whitespace, hyphens, parentheses and square brackets.",
    );
  if (names.includes(name)) throw new Fault("Messages contain documents with the same name.");
  names.push(name);
}

function checkWords(blocks: readonly JsonObject[]): void {
  const has = (kind: string) => blocks.some((block) => block[kind] !== undefined);
  if (has("document") && !has("text")) throw new Fault("A text block must be included with a document.");
}

/** Each call has its result in the turn after it, before all else. */
function checkResults(before: JsonObject | undefined, blocks: readonly JsonObject[]): void {
  const ids = (all: readonly unknown[], kind: string) =>
    all
      .flatMap((block) => (isObject(block) && isObject(block[kind]) ? [String(block[kind].toolUseId)] : []))
      .toSorted();
  const calls = before === undefined || !Array.isArray(before.content) ? [] : ids(before.content, "toolUse");
  const results = ids(blocks, "toolResult");
  if (new Set(calls).size < calls.length) throw new Fault("toolUse ids must be unique");
  if (results.some((id) => !calls.includes(id)))
    throw new Fault("The number of toolResult blocks exceeds the number of toolUse blocks of previous turn.");
  if (calls.some((id) => !results.includes(id)))
    throw new Fault(`Expected toolResult blocks for the following Ids: ${calls.join()}`);
  const last = blocks.findLastIndex(({ toolResult }) => toolResult !== undefined);
  if (
    blocks
      .slice(0, last + 1)
      .some(({ toolResult, cachePoint }) => toolResult === undefined && cachePoint === undefined)
  )
    throw new Fault("toolResult blocks must come first");
}

function checkTools(model: string, value: unknown): readonly string[] | null {
  if (value === undefined) return null;
  const config = object(value, "toolConfig");
  onlyFields(config, ["tools", "toolChoice"], "toolConfig");
  const names: string[] = [];
  for (const item of list(config.tools, "tools")) {
    const tool = object(item, "tools");
    if (oneOf(tool, ["toolSpec", "cachePoint"], "tools") === "cachePoint") continue;
    const spec = object(tool.toolSpec, "toolSpec");
    onlyFields(spec, ["name", "description", "inputSchema", "strict"], "toolSpec");
    if (typeof spec.name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(spec.name))
      throw new Fault("toolSpec.name is not valid");
    if (names.includes(spec.name)) throw new Fault("The tool names must be unique");
    if (spec.description === "") throw new Fault("toolSpec.description is empty");
    const { json } = object(spec.inputSchema, "inputSchema");
    if (object(json, "inputSchema.json").type !== "object")
      throw new Fault("inputSchema.json.type must be object");
    names.push(spec.name);
  }
  if (names.length === 0) throw new Fault("toolConfig.tools must have a tool");
  if (config.toolChoice === undefined) return names;
  const choice = object(config.toolChoice, "toolChoice");
  const kind = oneOf(choice, ["auto", "any", "tool"], "toolChoice");
  if (!/claude|nova/.test(model) && !(kind === "any" && /mistral/.test(model)))
    throw new Fault(`This model doesn't support the toolConfig.toolChoice.${kind} field.`);
  if (kind === "tool" && !names.includes(String(object(choice.tool, "tool").name)))
    throw new Fault("unknown tool");
  return names;
}

function checkInference(model: string, body: JsonObject): void {
  const config = object(body.inferenceConfig ?? {}, "inferenceConfig");
  onlyFields(config, ["maxTokens", "temperature", "topP", "stopSequences"], "inferenceConfig");
  for (const name of ["temperature", "topP"]) {
    const value = config[name];
    if (value !== undefined && (typeof value !== "number" || value < 0 || value > 1))
      throw new Fault(`inferenceConfig.${name} must be between 0 and 1`);
  }
  const { reasoningConfig } = object(body.additionalModelRequestFields ?? {}, "additional");
  if (!isObject(reasoningConfig)) return;
  if (!/nova-2/.test(model))
    throw new Fault("Malformed input request: extraneous key [reasoningConfig] is not permitted");
  if (
    reasoningConfig.maxReasoningEffort === "high" &&
    (config.maxTokens ?? config.temperature ?? config.topP) !== undefined
  )
    throw new Fault("maxTokens, temperature and topP must be unset with a high reasoning effort");
}

function checkCaching(model: string, { system, messages, toolConfig }: JsonObject): void {
  const marks = JSON.stringify({ system, messages, toolConfig }).match(/"cachePoint":{[^}]*}/g) ?? [];
  if (marks.length > 0 && !/claude|nova/.test(model))
    throw new Fault("You invoked an unsupported model or your request did not allow prompt caching.");
  if (/nova/.test(model) && JSON.stringify(toolConfig ?? null).includes("cachePoint"))
    throw new Fault("Prompt caching of tools is not supported by this model.");
  for (const mark of marks)
    if (!/^"cachePoint":{"type":"default"(?:,"ttl":"(?:5m|1h)")?}$/.test(mark))
      throw new Fault("cachePoint is not valid");
}

/** The only member of a union. */
function oneOf(value: JsonObject, known: readonly string[], at: string): string {
  onlyFields(value, known, at);
  const [kind, ...others] = Object.keys(value);
  if (kind === undefined || others.length > 0)
    throw new Fault(`${at} must set exactly one of: ${known.join(", ")}`);
  return kind;
}
