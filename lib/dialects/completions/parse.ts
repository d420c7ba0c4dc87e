import { unsupported } from "#lib/dialects/bounds/param-of";
import { BOUND_FOR_ZERO, calledWithin, readLimits } from "#lib/dialects/bounds/read-limits";
import { asksForMore } from "#lib/dialects/bounds/unsupported-fields";
import { type Call, type CallGrowth, NOTHING_DROPPED } from "#lib/dialects/call";
import { fieldsRead } from "#lib/dialects/choices/fields-read";
import { asksOf } from "#lib/dialects/conversation/asks";
import { chatGrowth, isWrittenField, WRITTEN_FIELDS } from "#lib/dialects/conversation/openai-growth";
import { tokensAround, weighInput } from "#lib/dialects/conversation/weigh";
import type { Media } from "#lib/dialects/media/media";
import { estimateTextTokens } from "#lib/dialects/text/estimate-tokens";
import type { FieldSpan, JsonObject } from "#lib/dialects/text/json-fields";
import { parseBody } from "#lib/dialects/text/parse-object";
import { NO_REWRITING } from "#lib/dialects/text/rewritten-json";
import { answersPerPrompt, checkFields, isCompletionField } from "./fields";
import { asConversation, promptsOf } from "./prompt";

const READ = fieldsRead(isCompletionField);

/** Fields that are judged here, and held for. */
const isOwn = (name: string) => isCompletionField(name) || isWrittenField(name);
/** The table of fields that ask for more answers does not know that this one is priced. */
const isJudged = (name: string) => name === "best_of";

/**
 * A completion has no tools. LiteLLM passes them on to the model all the same, with a provider's own among them, which
 * are billed apart (litellm/main.py, text_completion).
 */
const TOOL_FIELDS = ["tools", "functions", "tool_choice", "function_call"] as const;
const NO_TOOLS = "a completion has no tools. Send them to /v1/chat/completions.";

/** The API's own default. */
const DEFAULT_OUTPUT_TOKENS = 16;
const BYTES_PER_TOKEN = 4;
/**
 * Parses and checks a legacy completion's body: what Tollgate needs to know, and what no provider of the dialect would
 * accept. All else is the provider's to judge and travels unchanged.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function parseCompletion(json: string): Call {
  const { body, fields } = parseBody(json, READ);
  rejectTools(body);
  const limits = readLimits(json, fields, isOwn, isJudged);
  const known = checkFields(body, limits.isZero);
  const { prompts, texts, tokens } = promptsOf(body);
  const { made, returned } = answersPerPrompt(known, prompts);
  const suffix = known.suffix ?? "";
  const read = suffix === "" ? texts : [...texts, suffix];
  const weight = weighInput(json, fields, asConversation(read), []);
  const textTokens = weight.textTokens - tokensAround(read.length) + tokens;
  const { param: unknownParam, scalarBytes } = limits.unknown;
  const { growth, unfoldedParam } = growthOf({ json, fields, body }, { texts, suffix, prompts });
  const isBounded = unfoldedParam === null && unknownParam === null;
  const media: Media = isBounded ? weight.media : { ...weight.media, unknownParam, unfoldedParam };
  return {
    json,
    fields,
    model: known.model,
    stream: known.stream ?? false,
    ...calledWithin(limits),
    defaultOutputTokens: limits.isZero ? BOUND_FOR_ZERO : DEFAULT_OUTPUT_TOKENS,
    answers: prompts * made,
    withheldAnswers: prompts * (made - returned),
    echoedTokens: known.echo ? returned * tokensAtMostIn(texts) : 0,
    prompts,
    messageCount: prompts,
    givenTokens: tokens,
    hasTools: false,
    // A proxy may make a tool of a form.
    mayGetTools: (known.response_format?.type ?? "text") !== "text",
    runByProxy: null,
    textTokens: textTokens + estimateTextTokens(suffix) * (prompts - 1),
    growth: { ...growth, scalarBytes },
    media,
    rewriting: () => NO_REWRITING,
    asks: asksOf(media, []),
    searches: null,
    passUsage: known.stream_options?.include_usage ?? false,
    dropped: NOTHING_DROPPED,
  };
}

/** @throws ApiError unsupported_parameter */
function rejectTools(body: JsonObject): void {
  for (const name of TOOL_FIELDS) {
    if (asksForMore(body[name], { why: NO_TOOLS, allows: "nothing" }, false))
      throw unsupported(name, NO_TOOLS);
  }
}

type Given = { json: string; fields: ReadonlyMap<string, FieldSpan>; body: JsonObject };
type Prompts = { texts: readonly string[]; suffix: string; prompts: number };

/** Each prompt is read by itself, with the suffix and the form of the answer. */
function growthOf(
  { json, fields, body }: Given,
  { texts, suffix, prompts }: Prompts,
): { growth: Omit<CallGrowth, "scalarBytes">; unfoldedParam: string | null } {
  const written = chatGrowth(json, fields, body, asConversation(texts));
  const { unfoldedParam, unfoldedResultParam: _, ...growth } = written;
  let shared = Buffer.byteLength(suffix) + growth.schemaBytes;
  for (const name of WRITTEN_FIELDS) {
    const span = fields.get(name);
    if (span !== undefined) shared += Buffer.byteLength(json.slice(span.start, span.end));
  }
  const repeats = { ...growth.repeats, sameUserMessages: 0 };
  return { growth: { ...growth, repeats, sharedBytes: (prompts - 1) * shared }, unfoldedParam };
}

/** Rather too few: more would be taken off what is charged. */
function tokensAtMostIn(texts: readonly string[]): number {
  let tokens = 0;
  for (const text of texts) {
    tokens += Math.min(estimateTextTokens(text), Math.floor(Buffer.byteLength(text) / BYTES_PER_TOKEN));
  }
  return tokens;
}
