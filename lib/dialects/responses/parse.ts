import type { Asks } from "#lib/credit/prices/meters";
import { isLimitName, readLimits } from "#lib/dialects/bounds/read-limits";
import { type Call, NOTHING_DROPPED, type Searches } from "#lib/dialects/call";
import { asksOf } from "#lib/dialects/conversation/asks";
import { hasRepeatedFields } from "#lib/dialects/conversation/repeated-fields";
import { rewritingIn } from "#lib/dialects/conversation/rewriting";
import { weighInput } from "#lib/dialects/conversation/weigh";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import type { Media } from "#lib/dialects/media/media";
import { type MaySearch, NEVER_SEARCHES, searchesFor } from "#lib/dialects/searches";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parseBody } from "#lib/dialects/text/parse-object";
import { asConversation } from "./as-chat";
import { type BodyTools, withoutTools } from "./cut-tools";
import { checkFields, isResponsesField } from "./fields";
import { PROMPT_FIELDS, responsesGrowth } from "./growth";
import { kindOf } from "./item-types";
import { checkItems } from "./items";
import { conversationIn } from "./prompt";
import { type JudgedTools, judgeTools, likelyDefinedToolTokens } from "./tools";

const READ = {
  isRead: (name: string) => isResponsesField(name) || isLimitName(name),
  inside: {},
};

/** Values in which a server may read the first of two fields with one name, and another the last. */
const READ_WITHIN = ["input", "tools", "tool_choice", "text"] as const;

/** What every body with calls and results has; names may be escaped. */
const READ_AGAIN = { signOfTools: /_output"|\\u00/, conversation: conversationIn };

/** A call by its kind: LiteLLM adds a tool for Claude where earlier calls are not followed by tools. */
const CALLS: ReadonlySet<string> = new Set(["call", "result"]);

/**
 * Parses and checks the body of a response: what Tollgate needs to know, and what no provider of the dialect would
 * accept. Offers of a provider's own tools are left out of the call. All else is the provider's to judge and travels
 * unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export const parseResponses = (json: string, maySearch: MaySearch = NEVER_SEARCHES): Call =>
  parseKept(json, NOTHING_DROPPED, { maySearch, given: json });

/**
 * @param dropped what was left out of the client's text
 * @param from the client's text
 */
function parseKept(
  json: string,
  dropped: readonly string[],
  from: { maySearch: MaySearch; given: string },
): Call {
  const { body, fields } = parseBody(json, READ);
  for (const name of READ_WITHIN) {
    if (hasRepeatedFields(fields.get(name), body[name]))
      throw invalidField(name, "has an object with a field that occurs twice");
  }
  const limits = readLimits(json, fields, isResponsesField);
  const known = checkFields(body, limits.isZero);
  const items = checkItems(body.input);
  const lists = toolLists(body, items);
  const judged = judgeTools(lists, body.tool_choice, from.maySearch(known.model));
  if (judged.drops.length > 0)
    return parseKept(withoutTools(json, fields, lists, judged.drops), judged.dropped, from);
  const given = { json, fields, body };
  const conversation = asConversation(items);
  const { textTokens, media: gathered } = weighInput(json, fields, conversation, PROMPT_FIELDS);
  const ofItems = lists.filter(({ item }) => item !== null);
  const { unfoldedParam, unfoldedResultParam, ...growth } = responsesGrowth(
    given,
    ofItems,
    judged.tools,
    conversation,
  );
  const { maxOutputTokens, outputBounds, predictedTexts, reasoning, unknown } = limits;
  const { param: unknownParam, scalarBytes } = unknown;
  const media = { ...gathered, unknownParam, unfoldedParam, unfoldedResultParam };
  return {
    json,
    fields,
    model: known.model,
    stream: known.stream ?? false,
    maxOutputTokens,
    defaultOutputTokens: null,
    outputBounds,
    predictedTexts,
    reasoning,
    unknownFields: unknown.fields,
    answers: 1,
    withheldAnswers: 0,
    echoedTokens: 0,
    prompts: 1,
    messageCount: items.length + (known.instructions ? 1 : 0),
    givenTokens: 0,
    hasTools: judged.tools.length > 0,
    mayGetTools:
      (known.text?.format?.type ?? "text") !== "text" || items.some((item) => CALLS.has(kindOf(item))),
    textTokens: textTokens + likelyDefinedToolTokens(judged.tools),
    growth: { ...growth, scalarBytes, sharedBytes: 0 },
    media,
    rewriting: rewritingIn(json, conversation, READ_AGAIN),
    asks: asksIn(media, judged.search === null ? 0 : searchesFor(known.max_tool_calls ?? null)),
    searches:
      judged.search === null ? null : searchesOf(judged.search, known.max_tool_calls ?? null, from.given),
    passUsage: true,
    dropped,
  };
}

/** What is found may be pictures. */
function asksIn(media: Media, webSearches: number): Asks {
  const asks = asksOf(media, []);
  return webSearches === 0 ? asks : { ...asks, images: true, webSearches };
}

/**
 * OpenAI ends the calls of its tools at `max_tool_calls`, those that open a page included, and the output of all together
 * at the bound (developers.openai.com/api/reference/resources/responses).
 */
const searchesOf = (
  { param, isDemanded }: NonNullable<JudgedTools["search"]>,
  given: number | null,
  json: string,
): Searches => ({
  param,
  given,
  readings: (searches) => searches,
  boundEach: false,
  without: isDemanded ? null : () => parseResponses(json),
});

function toolLists({ tools }: JsonObject, items: readonly JsonObject[]): BodyTools[] {
  const lists: BodyTools[] = Array.isArray(tools) ? [{ param: "tools", tools, item: null }] : [];
  for (const [item, { tools: given }] of items.entries()) {
    if (Array.isArray(given)) lists.push({ param: `input[${item}].tools`, tools: given, item });
  }
  return lists;
}
