import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import {
  asidesOf,
  boundIn,
  cacheOf,
  effortOf,
  givenNumber,
  givenText,
  objectOf,
  objectsIn,
  shortNamed,
  textOf,
} from "#lib/translation/clients/given";
import {
  allowedTools,
  COMMON_FIELDS,
  formatIn,
  parallelCallsIn,
} from "#lib/translation/clients/openai-fields";
import type { AnswerFormat, Given, Reasoning, Tool, ToolChoice, Turn } from "#lib/translation/turn";
import { chatMessages } from "./messages";

/** Decodes a chat completion's request. */
export function decodeChat(body: JsonObject): Turn {
  const { offers, demands } = asides(body);
  const conversation = chatMessages(body.messages);
  const named = shortNamed(objectsIn(body.tools).map(([at, tool]) => toolOf(tool, `tools[${at}]`)));
  return {
    messages: conversation.messages,
    tools: allowedTools(named.tools, objectOf(objectOf(body.tool_choice)?.allowed_tools)?.tools, (tool) =>
      textOf((objectOf(tool.function) ?? objectOf(tool.custom))?.name),
    ),
    toolChoice: choiceOf(body.tool_choice),
    parallelCalls: parallelCallsIn(body),
    maxTokens: boundIn(body, "max_completion_tokens", "max_tokens"),
    stop: stopOf(body.stop),
    temperature: givenNumber(body, "temperature"),
    topP: givenNumber(body, "top_p"),
    topK: givenNumber(body, "top_k"),
    seed: givenNumber(body, "seed"),
    frequencyPenalty: givenNumber(body, "frequency_penalty"),
    presencePenalty: givenNumber(body, "presence_penalty"),
    format: formatOf(body.response_format),
    reasoning: reasoningOf(body),
    verbosity: givenText(body, "verbosity"),
    user: givenText(body, "safety_identifier") ?? givenText(body, "user"),
    cacheKey: givenText(body, "prompt_cache_key"),
    offers: [...offers, ...conversation.offers],
    demands: [...demands, ...named.demands, ...conversation.demands],
  };
}

/** What `Turn` has a place for, and what asks for nothing. */
const READ: ReadonlySet<string> = new Set([
  ...COMMON_FIELDS,
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "top_k",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "response_format",
  "reasoning_effort",
  "thinking",
  "verbosity",
]);

/** Fields that change the answer, and when they do. */
const DEMANDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value !== 1,
  logprobs: (value) => value !== false,
  top_logprobs: (value) => value !== 0,
  logit_bias: (value) => isObject(value) && Object.keys(value).length > 0,
  audio: () => true,
  modalities: (value) => Array.isArray(value) && value.some((modality) => modality !== "text"),
  functions: (value) => Array.isArray(value) && value.length > 0,
  function_call: (value) => value !== "auto" && value !== "none",
  web_search_options: () => true,
};

/** They ask for nothing where they do not change the answer. */
const asides = (body: JsonObject) =>
  asidesOf(body, READ, (name, value, { offers, demands }) => {
    const isDemand = Object.hasOwn(DEMANDS, name) ? DEMANDS[name] : undefined;
    if (isDemand === undefined) offers.push(name);
    else if (isDemand(value)) demands.push({ at: name, why: `\`${name}\` is not supported` });
  });

function stopOf(stop: unknown): Given<readonly string[]> | null {
  const all: unknown[] = Array.isArray(stop) ? stop : [stop];
  const value = all.filter((sequence): sequence is string => typeof sequence === "string" && sequence !== "");
  return value.length === 0 ? null : { value, at: "stop" };
}

function toolOf(tool: JsonObject, at: string): Tool {
  const isCustom = tool.type === "custom";
  const definition = objectOf(isCustom ? tool.custom : tool.function) ?? {};
  const format = objectOf(definition.format);
  const grammar = objectOf(format?.grammar);
  return {
    name: textOf(definition.name) ?? "",
    description: textOf(definition.description),
    schema: objectOf(definition.parameters),
    strict: typeof definition.strict === "boolean" ? definition.strict : null,
    strictAt: `${at}.function.strict`,
    custom: isCustom ? { grammar: textOf(grammar?.definition) } : null,
    cache: cacheOf(tool) ?? cacheOf(definition),
    at,
  };
}

const AT_CHOICE = "tool_choice";

function choiceOf(choice: unknown): Given<ToolChoice> | null {
  if (choice === "auto" || choice === "none") return { value: { kind: choice }, at: AT_CHOICE };
  if (choice === "required" || choice === "any") return { value: { kind: "any" }, at: AT_CHOICE };
  if (!isObject(choice)) return null;
  const named = objectOf(choice.function) ?? objectOf(choice.custom);
  const name = textOf(named?.name);
  if (name !== null) return { value: { kind: "tool", name }, at: AT_CHOICE };
  const allowed = objectOf(choice.allowed_tools);
  return allowed?.mode === "required" ? { value: { kind: "any" }, at: AT_CHOICE } : null;
}

const formatOf = (format: unknown): Given<AnswerFormat> | null =>
  isObject(format) ? formatIn(format.type, objectOf(format.json_schema), "response_format") : null;

function reasoningOf(body: JsonObject): Reasoning {
  const reasoning = objectOf(body.reasoning) ?? {};
  const thinking = objectOf(body.thinking) ?? {};
  const budget = reasoning.max_tokens ?? thinking.budget_tokens;
  const { type } = thinking;
  const mode = type === "enabled" ? "on" : type === "disabled" ? "off" : type === "adaptive" ? type : null;
  return {
    effort:
      effortOf(body.reasoning_effort, "reasoning_effort") ?? effortOf(reasoning.effort, "reasoning.effort"),
    budgetTokens:
      typeof budget === "number"
        ? {
            value: budget,
            at: budget === reasoning.max_tokens ? "reasoning.max_tokens" : "thinking.budget_tokens",
          }
        : null,
    mode: mode === null ? null : { value: mode, at: "thinking" },
    isShown: true,
  };
}
