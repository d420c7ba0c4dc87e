import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { shownName } from "#lib/dialects/text/named-path";
import {
  boundIn,
  cacheOf,
  effortOf,
  givenNumber,
  isGiven,
  objectOf,
  objectsIn,
  shortNamed,
  textOf,
} from "#lib/translation/clients/given";
import type { AnswerFormat, Effort, Given, Reasoning, Tool, ToolChoice, Turn } from "#lib/translation/turn";
import { blocksOf, type Found, messagesOf } from "./blocks";

/** What `Turn` has a place for. */
const READ: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "max_tokens",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "stream",
]);

/** Decodes a request for a message. */
export function decodeMessages(body: JsonObject): Turn {
  const found: Found = { offers: [], demands: [] };
  for (const [name, value] of Object.entries(body))
    if (!READ.has(name) && isGiven(value)) found.offers.push(shownName(name));
  const named = shortNamed(toolsOf(body, found));
  for (const demand of named.demands) found.demands.push(demand);
  const system = systemBlocks(body.system, found);
  const messages = messagesOf(body.messages, found);
  const choice = objectOf(body.tool_choice);
  return {
    messages:
      system.length === 0 ? messages : [{ role: "system", blocks: system, at: "system" }, ...messages],
    tools: named.tools,
    toolChoice: choiceOf(choice),
    parallelCalls:
      typeof choice?.disable_parallel_tool_use === "boolean"
        ? { value: !choice.disable_parallel_tool_use, at: "tool_choice.disable_parallel_tool_use" }
        : null,
    maxTokens: boundIn(body, "max_tokens"),
    stop: stopOf(body.stop_sequences),
    temperature: givenNumber(body, "temperature"),
    topP: givenNumber(body, "top_p"),
    topK: givenNumber(body, "top_k"),
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    format: formatOf(body),
    reasoning: reasoningOf(body),
    verbosity: null,
    user: userOf(body.metadata),
    cacheKey: null,
    offers: found.offers,
    demands: found.demands,
  };
}

/** Claude Code's own first block, which changes with its version and would spoil caches. */
const BILLING_HEADER = "x-anthropic-billing-header:";

function systemBlocks(system: unknown, found: Found) {
  const blocks = blocksOf(system, "system", found);
  return blocks.filter((block) => block.kind !== "text" || !block.text.startsWith(BILLING_HEADER));
}

/** A tool that Anthropic defines has no schema; beside others it need not be used. */
function toolsOf({ tools, tool_choice: choice }: JsonObject, found: Found): Tool[] {
  const all = objectsIn(tools);
  const isDefined = ({ type }: JsonObject) => typeof type === "string" && type !== "custom";
  const isFree = !isObject(choice) || choice.type === "auto" || choice.type === "none";
  const mayDrop = isFree && !all.every(([, tool]) => isDefined(tool));
  return all.flatMap(([index, tool]) => {
    const at = `tools[${index}]`;
    if (isDefined(tool)) {
      if (mayDrop) found.offers.push(at);
      else found.demands.push({ at, why: "tools that Anthropic defines are not supported" });
      return [];
    }
    for (const name of ["defer_loading", "input_examples", "allowed_callers"])
      if (isGiven(tool[name])) found.offers.push(`${at}.${name}`);
    return [
      {
        name: textOf(tool.name) ?? "",
        description: textOf(tool.description),
        schema: objectOf(tool.input_schema),
        strict: typeof tool.strict === "boolean" ? tool.strict : null,
        strictAt: `${at}.strict`,
        custom: null,
        cache: cacheOf(tool),
        at,
      },
    ];
  });
}

function choiceOf(choice: JsonObject | null): Given<ToolChoice> | null {
  const at = "tool_choice";
  switch (choice?.type) {
    case "auto":
    case "any":
    case "none":
      return { value: { kind: choice.type }, at };
    case "tool":
      return { value: { kind: "tool", name: textOf(choice.name) ?? "" }, at };
    default:
      return null;
  }
}

function stopOf(stop: unknown): Given<readonly string[]> | null {
  const value = Array.isArray(stop)
    ? stop.filter((sequence): sequence is string => typeof sequence === "string" && sequence !== "")
    : [];
  return value.length === 0 ? null : { value, at: "stop_sequences" };
}

function formatOf(body: JsonObject): Given<AnswerFormat> | null {
  const isInConfig = isObject(body.output_config) && isObject(body.output_config.format);
  const format = objectOf(isInConfig ? objectOf(body.output_config)?.format : body.output_format);
  const schema = objectOf(format?.schema);
  if (schema === null) return null;
  return {
    value: { kind: "schema", name: "answer", description: null, schema, strict: true },
    at: isInConfig ? "output_config.format" : "output_format",
  };
}

/** Of settings within the conversation, the last is about the answer. */
function effortIn(body: JsonObject): Given<Effort> | null {
  const later = objectsIn(body.messages).findLast(([, message]) => isObject(message.output_config));
  const config = objectOf(later?.[1].output_config);
  const own =
    config === null ? null : effortOf(config.effort, `messages[${later?.[0]}].output_config.effort`);
  return own ?? effortOf(objectOf(body.output_config)?.effort, "output_config.effort");
}

function reasoningOf(body: JsonObject): Reasoning {
  const thinking = objectOf(body.thinking);
  const budget = thinking?.budget_tokens;
  const type = thinking?.type;
  const mode = type === "enabled" ? "on" : type === "disabled" ? "off" : type === "adaptive" ? type : null;
  const effort = effortIn(body);
  return {
    // Effort is about the whole answer; thinking is what switches reasoning on.
    effort: mode === "off" ? null : effort,
    budgetTokens: typeof budget === "number" ? { value: budget, at: "thinking.budget_tokens" } : null,
    mode: mode === null ? null : { value: mode, at: "thinking" },
    isShown: (mode === "on" || mode === "adaptive") && thinking?.display !== "omitted",
  };
}

function userOf(metadata: unknown): Given<string> | null {
  const id = isObject(metadata) ? textOf(metadata.user_id) : null;
  return id === null ? null : { value: id, at: "metadata.user_id" };
}
