import { BOUND_FOR_ZERO, calledWithin, type Limits, readLimits } from "#lib/dialects/bounds/read-limits";
import { isLongCache } from "#lib/dialects/bounds/unsupported-fields";
import { type Call, NO_CALL_GROWTH, NOTHING_DROPPED, ONE_ANSWER, type Searches } from "#lib/dialects/call";
import { asksOf } from "#lib/dialects/conversation/asks";
import {
  findsDeferred,
  isDeferred,
  loaded,
  paramOfDeferral,
  withToolsLoaded,
} from "#lib/dialects/conversation/deferred-tools";
import { growthNow, growthOf, withGrowth } from "#lib/dialects/conversation/growth-later";
import { rejectRepeatedFields } from "#lib/dialects/conversation/repeated-fields";
import { rewritingIn } from "#lib/dialects/conversation/rewriting";
import { weighInput } from "#lib/dialects/conversation/weigh";
import type { Media } from "#lib/dialects/media/media";
import { type MaySearch, NEVER_SEARCHES, searchesFor } from "#lib/dialects/searches";
import {
  type FieldSpan,
  isObject,
  type JsonObject,
  setFields,
  topLevelFields,
} from "#lib/dialects/text/json-fields";
import { cutsOfElements } from "#lib/dialects/text/list-elements";
import { parseBody } from "#lib/dialects/text/parse-object";
import { checkContextEdits } from "./context-edits";
import { checkMessages, checkSystem, hasCacheMark } from "./conversation";
import { checkFields, isJudgedField, isMessagesField, type MessagesFields, READ } from "./fields";
import { messagesGrowing, PROMPT_FIELDS, parsedAgain } from "./growth";
import { checkMessageSettings } from "./message-settings";
import { chatOf } from "./prompt";
import { checkSafeguards } from "./safeguards";
import { readingsAgain } from "./searches";
import { type JudgedTools, judgeTools, likelyDefinedToolTokens, searchByProxy } from "./tools";
import { chatSize, withoutSettings } from "./view";

const READ_AGAIN = { signOfTools: /"tool_|\\u00/, parsed: parsedAgain, conversation: chatOf };

/** Values of which some servers would read the first of two fields with one name, and others the last. */
const READ_WITHIN = [
  "messages",
  "system",
  "tools",
  "tool_choice",
  "output_config",
  "output_format",
  "context_management",
  "cache_control",
  "safeguards",
] as const;

/**
 * Parses and checks the body of a request for a message: what Tollgate needs to know, and what no server of the dialect
 * would accept. All else is the provider's to judge and travels unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export const parseMessages = (json: string, maySearch: MaySearch = NEVER_SEARCHES): Call =>
  parsed(json, true, maySearch);

/** The same for a request whose input is to be counted. */
export const parseToCount = (json: string, maySearch: MaySearch = NEVER_SEARCHES): Call =>
  parsed(json, false, maySearch);

function parsed(json: string, isAnswered: boolean, maySearch: MaySearch): Call {
  const { body, fields } = parseBody(json, READ);
  const given = checkFields(body, isAnswered);
  checkContextEdits(given);
  checkSafeguards(body);
  const messages = checkMessages(body.messages);
  checkMessageSettings(messages);
  checkSystem(body.system);
  rejectRepeatedFields(fields, body, READ_WITHIN);
  const { places, search } = judgeTools(given, maySearch(given.model));
  const kept =
    places.size === 0 ? { json, fields, body, given } : withoutTools({ json, fields, body, given }, places);
  const limits = limitsOf(kept);
  const dropped = [...[...places].map((at) => `tools[${at}]`), ...loadedWithout(given.tools ?? [], places)];
  const withoutSearch = () => parsed(json, isAnswered, NEVER_SEARCHES);
  const runByProxy = searchByProxy(given.tools ?? []);
  return callOf(kept, { limits, messages, dropped, search, runByProxy, withoutSearch });
}

/**
 * What a server reads in `thinking`: a budget in there is part of the output bound, if it is below it. Between calls of
 * tools it may be above it, and counts besides (platform.claude.com/docs/en/build-with-claude/extended-thinking).
 */
const OF_THINKING: ReadonlySet<string> = new Set(["type", "budget_tokens", "display"]);

function limitsOf({ json, fields, body: { thinking } }: Given): Limits {
  const limits = readLimits(json, fields, isMessagesField, isJudgedField);
  const isOfBound =
    isObject(thinking) &&
    limits.reasoning.budgetTokens > 0 &&
    limits.reasoning.budgetTokens < (limits.maxOutputTokens ?? 0) &&
    Object.keys(thinking).every((name) => OF_THINKING.has(name));
  if (!isOfBound) return limits;
  const others = new Map([...fields].filter(([name]) => name !== "thinking"));
  const { budgetTokens } = readLimits(json, others, isMessagesField, isJudgedField).reasoning;
  const withinBoundTokens = limits.reasoning.budgetTokens;
  return { ...limits, reasoning: { ...limits.reasoning, budgetTokens, withinBoundTokens } };
}

type Given = {
  json: string;
  fields: ReadonlyMap<string, FieldSpan>;
  body: JsonObject;
  given: MessagesFields;
};

type Judged = {
  limits: Limits;
  messages: readonly JsonObject[];
  dropped: readonly string[];
  search: JudgedTools["search"];
  runByProxy: Call["runByProxy"];
  withoutSearch: () => Call;
};

function callOf({ json, fields, body, given }: Given, judged: Judged): Call {
  const { limits, messages, dropped, search, runByProxy } = judged;
  const plain = withoutSettings(messages);
  const system: readonly JsonObject[] = isGiven(body.system)
    ? [{ role: "system", content: body.system }]
    : [];
  const walked = { field: "messages", messages: [...plain, ...system] };
  const weight = weighInput(json, fields, walked, PROMPT_FIELDS);
  const { param: unknownParam, scalarBytes } = limits.unknown;
  const parsed = { body, plain };
  const { unfolded, growth } = growthOf({ json, fields }, parsed, scalarBytes, messagesGrowing);
  const { unfoldedParam, unfoldedResultParam } = unfolded;
  const size = chatSize(body.system, plain);
  const media: Media = {
    ...weight.media,
    unboundedParam: namedParam(weight.media.unboundedParam, messages.length),
    unknownParam,
    unfoldedParam,
    unfoldedResultParam,
  };
  const tools = given.tools ?? [];
  const call: Call = {
    json,
    fields,
    model: given.model,
    stream: given.stream ?? false,
    ...calledWithin(limits),
    ...ONE_ANSWER,
    // It writes the prompt to a cache (platform.claude.com/docs/en/build-with-claude/prompt-caching).
    defaultOutputTokens: limits.isZero ? BOUND_FOR_ZERO : null,
    messageCount: size.messages,
    hasTools: tools.length > 0,
    // A form is explained to the model, and a proxy may make a tool of it.
    mayGetTools: isGiven(given.output_config?.format) || isGiven(given.output_format) || size.hasResults,
    runByProxy,
    textTokens: weight.textTokens + likelyDefinedToolTokens(tools),
    growth: growthNow(growth, NO_CALL_GROWTH),
    media,
    rewriting: rewritingIn(json, parsed, READ_AGAIN),
    asks: {
      ...asksOf(media, []),
      cacheWrites: mayHave(json, "cache_control") && hasMark(body, isMark),
      longCacheWrites: mayHave(json, "ttl") && hasMark(body, isLongCache),
      webSearches: search === null ? 0 : searchesFor(search.given),
    },
    searches: search === null ? null : searchesOf(search, judged),
    passUsage: true,
    dropped: dropped.length === 0 ? NOTHING_DROPPED : dropped,
  };
  return withGrowth(call, growth);
}

const searchesOf = (
  { at, given, isDemanded }: NonNullable<Judged["search"]>,
  { withoutSearch }: Judged,
): Searches => ({
  param: `tools[${at}].type`,
  given,
  readings: readingsAgain,
  // A loop's readings each have the bound, and the usage is their sum.
  boundEach: true,
  without: isDemanded ? null : withoutSearch,
});

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isMark = (mark: unknown): boolean => isGiven(mark);

/** Whether a field of this name may be in a body: letters may be escaped. */
const mayHave = (json: string, name: string): boolean => json.includes(name) || json.includes("\\u00");

/** Whether a body has such a mark of what is to be cached; one of the body itself is on its last block. */
const hasMark = (
  { cache_control, tools, system, messages }: JsonObject,
  isWanted: (mark: unknown) => boolean,
): boolean =>
  isWanted(cache_control) || [tools, system, messages].some((value) => hasCacheMark(value, isWanted));

/** The system prompt was walked as the last message. */
const namedParam = (param: string | null, messages: number): string | null =>
  param?.startsWith(`messages[${messages}].`) ? "system" : param;

/** The fields that go with a search for tools: what it was to find is loaded at once. */
const loadedWithout = (tools: readonly object[], places: ReadonlySet<number>): string[] =>
  tools.some((tool, at) => places.has(at) && findsDeferred(tool))
    ? tools.flatMap((tool, at) => (!places.has(at) && isDeferred(tool) ? [paramOfDeferral(at)] : []))
    : [];

function withoutTools({ json, fields, body, given }: Given, places: ReadonlySet<number>): Given {
  const span = fields.get("tools");
  if (span === undefined || !Array.isArray(body.tools)) return { json, fields, body, given };
  const cuts = cutsOfElements(json, span.start, places);
  const cut = setFields(json, fields, {}, { cuts, topLevel: 0 });
  const isKept = (_: unknown, at: number) => !places.has(at);
  const isLoaded = loadedWithout(given.tools ?? [], places).length > 0;
  const left = topLevelFields(cut).get("tools");
  const kept = isLoaded && left !== undefined ? withToolsLoaded(cut, left) : cut;
  const tools: unknown[] = body.tools.filter(isKept);
  const ofGiven = given.tools?.filter(isKept);
  return {
    json: kept,
    fields: topLevelFields(kept),
    body: { ...body, tools: isLoaded ? tools.map((tool) => (isObject(tool) ? loaded(tool) : tool)) : tools },
    given: { ...given, tools: isLoaded ? ofGiven?.map(loaded) : ofGiven },
  };
}
