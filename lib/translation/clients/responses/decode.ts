import { itemsOf } from "#lib/dialects/responses/as-chat";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import {
  asidesOf,
  boundIn,
  effortOf,
  givenNumber,
  givenText,
  isGiven,
  objectOf,
} from "#lib/translation/clients/given";
import {
  allowedTools,
  COMMON_FIELDS,
  formatIn,
  parallelCallsIn,
} from "#lib/translation/clients/openai-fields";
import type { AnswerFormat, Given, Message, Reasoning, Turn } from "#lib/translation/turn";
import { decodeItems } from "./items";
import { allowedIn, choiceOf, decodeTools, namedIn } from "./tools";

/** Decodes a request for a response. */
export function decodeResponses(body: JsonObject): Turn {
  const { offers, demands } = asides(body);
  const items = decodeItems(itemsOf(body));
  const tools = decodeTools([{ at: "tools", tools: body.tools }, ...items.toolLists]);
  const text = objectOf(body.text) ?? {};
  const updates = items.updates;
  return {
    messages: [...instructionsOf(body), ...items.messages],
    tools: allowedTools(tools.tools, allowedIn(body.tool_choice), namedIn),
    toolChoice: choiceOf(body.tool_choice),
    parallelCalls: parallelCallsIn(body),
    maxTokens: boundIn(body, "max_output_tokens"),
    stop: null,
    temperature: givenNumber(body, "temperature"),
    topP: givenNumber(body, "top_p"),
    topK: null,
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    format: formatOf(text.format),
    reasoning: reasoningOf(body, updates.effort),
    verbosity: updates.verbosity ?? at("text.verbosity", givenText(text, "verbosity")),
    user: givenText(body, "safety_identifier") ?? givenText(body, "user"),
    cacheKey: givenText(body, "prompt_cache_key"),
    offers: [...offers, ...tools.offers, ...items.offers],
    demands: [...demands, ...tools.demands, ...items.demands],
  };
}

const at = <T>(place: string, given: Given<T> | null): Given<T> | null =>
  given === null ? null : { ...given, at: place };

/** What `Turn` has a place for, and what asks for nothing. */
const READ: ReadonlySet<string> = new Set([
  ...COMMON_FIELDS,
  "input",
  "instructions",
  "max_output_tokens",
  "text",
]);

/** What is returned anyway, encrypted or not. */
const INCLUDED: ReadonlySet<unknown> = new Set(["reasoning.encrypted_content"]);
const LOGPROBS = "message.output_text.logprobs";

/** Fields that `Turn` has no place for: those that change the answer, and those that do not. */
const asides = (body: JsonObject) =>
  asidesOf(body, READ, (name, value, { offers, demands }) => {
    if (name === "include") {
      const included: readonly unknown[] = Array.isArray(value) ? value : [];
      if (included.includes(LOGPROBS)) demands.push({ at: "include", why: "`logprobs` are not supported" });
      else if (included.some((part) => !INCLUDED.has(part))) offers.push("include");
    } else if (name === "top_logprobs") {
      if (value !== 0) demands.push({ at: name, why: "`top_logprobs` is not supported" });
    } else if (name === "truncation") {
      if (value !== "disabled") offers.push(name);
    } else if (name !== "background" || value !== false) offers.push(name);
  });

const instructionsOf = ({ instructions }: JsonObject): Message[] =>
  typeof instructions === "string" && instructions !== ""
    ? [
        {
          role: "system",
          blocks: [{ kind: "text", text: instructions, at: "instructions", cache: null }],
          at: "instructions",
        },
      ]
    : [];

const formatOf = (format: unknown): Given<AnswerFormat> | null =>
  isObject(format) ? formatIn(format.type, format, "text.format") : null;

/** @param updated what an item has changed it to */
function reasoningOf(body: JsonObject, updated: Reasoning["effort"]): Reasoning {
  const reasoning = objectOf(body.reasoning) ?? {};
  return {
    effort: updated ?? effortOf(reasoning.effort, "reasoning.effort"),
    budgetTokens: null,
    mode: null,
    isShown: isGiven(reasoning.summary ?? reasoning.generate_summary),
  };
}
