import { calledWithin, readLimits } from "#lib/dialects/bounds/read-limits";
import { type Call, NO_CALL_GROWTH, NOTHING_DROPPED, ONE_ANSWER } from "#lib/dialects/call";
import { fieldsRead } from "#lib/dialects/choices/fields-read";
import { asksOf } from "#lib/dialects/conversation/asks";
import { growthNow, growthOf, withGrowth } from "#lib/dialects/conversation/growth-later";
import { isWrittenField, PROMPT_FIELDS } from "#lib/dialects/conversation/openai-growth";
import { rejectRepeatedFields } from "#lib/dialects/conversation/repeated-fields";
import { rewritingIn } from "#lib/dialects/conversation/rewriting";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import { weighInput } from "#lib/dialects/conversation/weigh";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parseBody } from "#lib/dialects/text/parse-object";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { checkFields, isChatField } from "./fields";
import { chatGrowing } from "./growth";
import { checkMessages } from "./messages";
import { chatConversation } from "./prompt";
import { rejectHostedTools, searchByProxy } from "./unsupported";

const READ = fieldsRead(isChatField);

const hasCalls = ({ role, tool_calls: calls, function_call: call }: JsonObject): boolean =>
  role === "tool" ||
  role === "function" ||
  (Array.isArray(calls) && calls.length > 0) ||
  (call !== undefined && call !== null);

/** Fields in which types and texts are read. */
const READ_WITHIN = ["messages", "tools", "functions", "tool_choice", "response_format"] as const;

/** One expression, since a search for `\u00` alone takes ten milliseconds for a megabyte of other escapes. */
const SIGN_OF_TOOLS = /"(?:tool|function)|\\u00/;
const READ_AGAIN = {
  signOfTools: SIGN_OF_TOOLS,
  parsed: (json: string) => chatConversation(parsedBefore(json)),
  conversation: (parsed: Conversation) => parsed,
};

/** Fields that are judged here, and held for. */
const isOwn = (name: string) => isChatField(name) || isWrittenField(name);

/**
 * Parses and checks a chat completion's body: what Tollgate needs to know, and what no provider of the
 * dialect would accept. All else is the provider's to judge and travels unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function parseChat(json: string): Call {
  const { body, fields } = parseBody(json, READ);
  const limits = readLimits(json, fields, isOwn);
  const chat = checkFields(body, limits.isZero);
  rejectHostedTools(body);
  const messages = checkMessages(body.messages, { mayBeNull: limits.isZero });
  const conversation = { field: "messages", messages };
  rejectRepeatedFields(fields, body, READ_WITHIN);
  const weight = weighInput(json, fields, conversation, PROMPT_FIELDS);
  const { param: unknownParam, scalarBytes } = limits.unknown;
  const { unfolded, growth } = growthOf({ json, fields }, { body, conversation }, scalarBytes, chatGrowing);
  const { unfoldedParam, unfoldedResultParam } = unfolded;
  const isBounded = unfoldedParam === null && unfoldedResultParam === null && unknownParam === null;
  const media = isBounded
    ? weight.media
    : { ...weight.media, unknownParam, unfoldedParam, unfoldedResultParam };
  const call: Call = {
    json,
    fields,
    model: chat.model,
    stream: chat.stream ?? false,
    ...calledWithin(limits),
    ...ONE_ANSWER,
    answers: chat.n ?? 1,
    messageCount: messages.length,
    hasTools: (chat.tools?.length ?? 0) + (chat.functions?.length ?? 0) > 0,
    // LiteLLM makes a tool of a form for Claude, and a dummy where earlier calls are not followed by tools.
    mayGetTools: (chat.response_format?.type ?? "text") !== "text" || messages.some(hasCalls),
    runByProxy: searchByProxy(body),
    textTokens: weight.textTokens,
    growth: growthNow(growth, NO_CALL_GROWTH),
    media,
    rewriting: rewritingIn(json, conversation, READ_AGAIN),
    asks: asksOf(media, chat.modalities ?? []),
    searches: null,
    passUsage: chat.stream_options?.include_usage ?? false,
    dropped: NOTHING_DROPPED,
  };
  return withGrowth(call, growth);
}
