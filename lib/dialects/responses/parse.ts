import type { Asks } from "#lib/credit/prices/meters";
import { calledWithin, isLimitName, readLimits } from "#lib/dialects/bounds/read-limits";
import { type Call, NO_CALL_GROWTH, NOTHING_DROPPED, ONE_ANSWER, type Searches } from "#lib/dialects/call";
import { asksOf } from "#lib/dialects/conversation/asks";
import { growthNow, growthOf, withGrowth } from "#lib/dialects/conversation/growth-later";
import { rejectRepeatedFields } from "#lib/dialects/conversation/repeated-fields";
import { rewritingIn } from "#lib/dialects/conversation/rewriting";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import { weighInput } from "#lib/dialects/conversation/weigh";
import type { Media } from "#lib/dialects/media/media";
import { type MaySearch, NEVER_SEARCHES, searchesFor } from "#lib/dialects/searches";
import { parseBody } from "#lib/dialects/text/parse-object";
import { asConversation } from "./as-chat";
import { withoutTools } from "./cut-tools";
import { checkFields, isResponsesField } from "./fields";
import { PROMPT_FIELDS, responsesGrowing } from "./growth";
import { kindOf } from "./item-types";
import { checkItems } from "./items";
import { conversationIn } from "./prompt";
import { toolLists } from "./tool-lists";
import { type JudgedTools, judgeTools, likelyDefinedToolTokens } from "./tools";

const READ = {
  isRead: (name: string) => isResponsesField(name) || isLimitName(name),
  inside: {},
};

/** Values in which a server may read the first of two fields with one name, and another the last. */
const READ_WITHIN = ["input", "tools", "tool_choice", "text"] as const;

/** What every body with calls and results has; names may be escaped. */
const READ_AGAIN = {
  signOfTools: /_output"|\\u00/,
  parsed: conversationIn,
  conversation: (parsed: Conversation) => parsed,
};

/** A call by its kind: LiteLLM adds a tool for Claude where earlier calls are not followed by tools. */
const CALLS: ReadonlySet<string> = new Set(["call", "result"]);

/**
 * Parses and checks the body of a response: what Tollgate needs to know, and what no provider of the dialect would
 * accept. Offers of a provider's own tools are left out of the call. All else is the provider's to judge and travels
 * unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export const parseResponses = (json: string, maySearch: MaySearch = NEVER_SEARCHES): Call =>
  parseKept(json, NOTHING_DROPPED, { maySearch, given: json, search: null });

/** The client's text, and the search in it where some tools were left out. */
type From = { maySearch: MaySearch; given: string; search: JudgedTools["search"] };

/** @param dropped what was left out of the client's text */
function parseKept(json: string, dropped: readonly string[], from: From): Call {
  const { body, fields } = parseBody(json, READ);
  rejectRepeatedFields(fields, body, READ_WITHIN);
  const limits = readLimits(json, fields, isResponsesField);
  const known = checkFields(body, limits.isZero);
  const items = checkItems(body.input);
  const lists = toolLists(body, items);
  const judged = judgeTools(lists, body.tool_choice, from.maySearch(known.model));
  if (judged.drops.length > 0)
    return parseKept(withoutTools(json, fields, lists, judged.drops), judged.dropped, {
      ...from,
      search: judged.search,
    });
  const search = from.search ?? judged.search;
  const conversation = asConversation(items);
  const { textTokens, media: gathered } = weighInput(json, fields, conversation, PROMPT_FIELDS);
  const { param: unknownParam, scalarBytes } = limits.unknown;
  const parsed = { body, conversation, lists, tools: judged.tools };
  const { unfolded, growth } = growthOf({ json, fields }, parsed, scalarBytes, responsesGrowing);
  const { unfoldedParam, unfoldedResultParam } = unfolded;
  const media = { ...gathered, unknownParam, unfoldedParam, unfoldedResultParam };
  const call: Call = {
    json,
    fields,
    model: known.model,
    stream: known.stream ?? false,
    ...calledWithin(limits),
    ...ONE_ANSWER,
    messageCount: items.length + (known.instructions ? 1 : 0),
    hasTools: judged.tools.length > 0,
    mayGetTools:
      (known.text?.format?.type ?? "text") !== "text" || items.some((item) => CALLS.has(kindOf(item))),
    // LiteLLM runs no tool of another name here.
    runByProxy: null,
    textTokens: textTokens + likelyDefinedToolTokens(judged.tools),
    growth: growthNow(growth, NO_CALL_GROWTH),
    media,
    rewriting: rewritingIn(json, conversation, READ_AGAIN),
    asks: asksIn(media, search === null ? 0 : searchesFor(known.max_tool_calls ?? null)),
    searches: search === null ? null : searchesOf(search, known.max_tool_calls ?? null, from.given),
    passUsage: true,
    dropped,
  };
  return withGrowth(call, growth);
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
