import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import { sealedTokens } from "#lib/dialects/text/sealed-texts";
import type { Route } from "#lib/gateway/routing/routing";
import { countAtWorst } from "./count-at-worst";
import { otherTokens, unboundedInputEstimate } from "./estimate";
import { chargedGrowth, translationBytes, writtenAgain } from "./growth";
import { isOpenModel, mayReadMarkdown } from "./markdown-servers";
import { chargedMediaTokens, mostMarkdownTokens } from "./media-tokens";
import { readTexts } from "./read-texts";
import { repeatedTokens } from "./repeated-tokens";
import { mostSealedTokens } from "./sealed-tokens";

/** Less is a template's own words. */
const LEAST_FAR_TOKENS = 4_096;
/** Code in tools' results has many signs that a server may escape; a text of nothing else is far beyond. */
const MOST_TIMES_ESCAPED = 3;
/** In the schemas of tools, about. */
const BYTES_PER_TOKEN = 3;
/** Fields with what templates write several times. */
const TOOL_FIELDS = ["tools", "functions", "response_format", "output_config", "output_format"];

/**
 * Input tokens that are charged where a client may have caused that the provider's report is missing: texts as they are
 * counted, and at worst where the tokenizer is not known; all else as it is held. So a client cannot choose a body that
 * is billed above what it is charged. What is unbounded, or far above an ordinary request's (`isFarAboveLikely`), is left
 * to the report, or to the hold.
 */
export async function chargedInputTokens(
  { prompt }: Pick<Dialect, "prompt">,
  call: Call,
  route: Route,
): Promise<number> {
  const { upstreamModel } = route.target;
  const { texts, structureTokens } = prompt(call);
  const read = [...readTexts(texts, call.media), ...writtenAgain(call, [route])];
  const promptTokens = await countedTools(call, upstreamModel);
  return Math.ceil(
    (await countAtWorst(read, upstreamModel)) +
      structureTokens +
      otherTokens(call, { routes: [route] }) +
      chargedGrowth(call, route) +
      repeatedTokens(call, upstreamModel, { promptTokens }) +
      translationBytes(call, [route]) +
      chargedMediaTokens(call.media, upstreamModel),
  );
}

/** Tokens of what templates write several times. */
async function countedTools({ json, fields, growth }: Call, upstreamModel: string): Promise<number> {
  const { systemMessages, sameUserMessages } = growth.repeats;
  if (systemMessages + sameUserMessages === 0) return 0;
  const tools = TOOL_FIELDS.flatMap((name) => {
    const span = fields.get(name);
    return span === undefined ? [] : json.slice(span.start, span.end);
  });
  return growth.schemaTokens + (await countAtWorst(tools, upstreamModel));
}

/**
 * Whether what a server of an open model may make of a body is far more than the request likely is, so that to charge it
 * would be unjust, and not to charge it would let a client overspend: only the report can tell. It takes no more work
 * than the hold has taken.
 */
export const isFarAboveLikely = (call: Call, routes: readonly Route[]): boolean =>
  routes.some((route) => {
    if (!isOpenModel(route.target.upstreamModel)) return false;
    const besides = tokensBesides(call, route);
    return besides > LEAST_FAR_TOKENS && besides > unboundedInputEstimate(call, { routes: [route] });
  });

/**
 * Whether encrypted reasoning is so large a part of the input that to charge the most that it may be would be unjust:
 * only the report can tell.
 */
export function isMostlySealed(call: Call, routes: readonly Route[]): boolean {
  const { sealedTexts } = call.media;
  if (sealedTexts.length === 0) return false;
  const likely = sealedTexts.reduce((sum, text) => sum + sealedTokens(text.length), 0);
  const besides = mostSealedTokens(call.media) - likely;
  return besides > LEAST_FAR_TOKENS && besides > unboundedInputEstimate(call, { routes });
}

function tokensBesides(call: Call, route: Route): number {
  const { target } = route;
  const { growth, media, textTokens } = call;
  const { tokens, escapedBytes } = call.rewriting();
  const isFarEscaped = mayReadMarkdown(target) && escapedBytes > MOST_TIMES_ESCAPED * textTokens;
  const promptTokens = growth.repeats.promptBytes / BYTES_PER_TOKEN;
  return (
    otherTokens(call, { routes: [route] }) +
    growth.schemaTokens +
    tokens +
    (isFarEscaped ? escapedBytes : 0) +
    mostMarkdownTokens(media, target) +
    repeatedTokens(call, target.upstreamModel, { promptTokens })
  );
}
