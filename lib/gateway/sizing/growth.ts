import type { Call } from "#lib/dialects/call";
import type { Media } from "#lib/dialects/media/media";
import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";
import { isOpenModel } from "./markdown-servers";
import { tokenizerOf } from "./tokenizers";

/** OpenAI's open models are served with templates like all others. */
const OPEN = /gpt-oss/;
/** LiteLLM reads the results of calls as JSON for Gemini, and unfolds the references in it. */
const unfoldsResults = byName((upstreamModel) => /gemini/i.test(upstreamModel));

/** Whether a model is served with OpenAI's own form of schemas, in which nothing is unfolded. */
const isOpenAi = byName(
  (upstreamModel): boolean => tokenizerOf(upstreamModel) !== "unknown" && !OPEN.test(upstreamModel),
);

/** The field whose references a model's provider may unfold without a bound; null if there is none. */
export function unfoldedParam(
  { unfoldedParam, unfoldedResultParam }: Media,
  upstreamModel: string,
): string | null {
  if (unfoldedParam !== null && !isOpenAi(upstreamModel)) return unfoldedParam;
  return unfoldsResults(upstreamModel) ? unfoldedResultParam : null;
}

/**
 * Bytes that a body's tools, schemas and calls grow by at most when one of the routes writes them out. OpenAI writes
 * schemas in a form that is shorter than JSON, but for numbers and comments.
 */
export function growthBytes(
  call: Pick<Call, "growth" | "json" | "rewriting">,
  routes: readonly Route[],
): number {
  let most = 0;
  for (const route of routes) {
    const { upstreamModel } = route.target;
    // Escapes are in the client's own body, unless it has letters where a server writes ASCII.
    const isAscii = route.translation === null && isOpenAi(upstreamModel);
    const added = isAscii ? argumentBytes(call.json, call.rewriting, route) : 0;
    most = Math.max(most, bytesIn(call.growth, upstreamModel) + added);
  }
  for (const text of writtenAgain(call, routes)) most += Buffer.byteLength(text);
  return most + call.growth.sharedBytes;
}

const NONE: readonly never[] = [];

/** Texts that a template of one of the routes may write once more. */
export const writtenAgain = (
  { growth }: Pick<Call, "growth">,
  routes: readonly Route[],
): readonly string[] =>
  routes.some(({ target }) => isOpenModel(target.upstreamModel)) ? growth.signatures : NONE;

/**
 * The same in tokens, beyond those of the body's texts and of those above, which are counted without the escapes of
 * JSON: templates write some of them again. Each byte may be a token.
 */
export function growthTokens(
  { growth, json, rewriting }: Pick<Call, "growth" | "json" | "rewriting">,
  routes: readonly Route[],
): number {
  let most = 0;
  let escapes: number | null = null;
  for (const route of routes) {
    const { target } = route;
    if (isOpenAi(target.upstreamModel))
      most = Math.max(most, growth.always.tokens + argumentBytes(json, rewriting, route));
    else {
      escapes ??= escapeBytes(json);
      most = Math.max(most, bytesIn(growth, target.upstreamModel) + escapes);
    }
  }
  return most + growth.sharedBytes;
}

/**
 * The same as it is charged, where a client caused that the bill is not known: a template's own words are counted as
 * those that are known, and an escape once.
 */
export function chargedGrowth(call: Pick<Call, "growth" | "json" | "rewriting">, route: Route): number {
  const { growth, json, rewriting } = call;
  const { upstreamModel } = route.target;
  if (isOpenAi(upstreamModel))
    return growth.always.tokens + argumentBytes(json, rewriting, route) + growth.sharedBytes;
  const unfolded = unfoldsResults(upstreamModel) ? growth.unfoldedResultBytes : 0;
  const rewritten = isOpenModel(upstreamModel) ? rewriting().tokens : 0;
  return growth.schemaTokens + unfolded + Math.max(escapeBytes(json), rewritten) + growth.sharedBytes;
}

/** Where a body has arguments that are no text; names may be escaped. */
const ARGUMENTS = /"(?:arguments|input|action|operation)"\s*:\s*[[{]|\\u00/;

/**
 * OpenAI's models read the arguments of calls as a text. What has other values for them is for a server that
 * makes a text of them: ours keeps all letters, others may write ASCII alone.
 */
function argumentBytes(json: string, rewriting: Call["rewriting"], { translation }: Route): number {
  if (!ARGUMENTS.test(json)) return 0;
  return translation === null ? rewriting().asAsciiTextBytes : rewriting().asTextBytes;
}

/** The most bytes that one of the routes writes of its own where it translates the request. */
export function translationBytes(call: Call, routes: readonly Route[]): number {
  let most = 0;
  for (const { translation } of routes)
    if (translation !== null) most = Math.max(most, translation.plan(call).ownBytes);
  return most;
}

function bytesIn(growth: Call["growth"], upstreamModel: string): number {
  if (isOpenAi(upstreamModel)) return growth.always.bytes;
  return growth.schemaBytes + (unfoldsResults(upstreamModel) ? growth.unfoldedResultBytes : 0);
}

/** `\n` is one longer than what it stands for, and `\u0001` five. */
const SHORT_ESCAPE = 1;
const LONG_ESCAPE = 5;
const BACKSLASH = 0x5c;
const U = 0x75;
const SLASH = 0x2f;
/** After an escape, more of them are likely to be near: it is cheaper to look at each character there. */
const NEAR_CHARACTERS = 64;

/** Bytes by which the escapes in JSON are longer than what they stand for. Slashes, as in base64, are left out. */
function escapeBytes(json: string): number {
  let bytes = 0;
  for (let at = json.indexOf("\\"); at !== -1; at = json.indexOf("\\", at)) {
    for (let until = at + NEAR_CHARACTERS; at < until; at++) {
      if (json.charCodeAt(at) !== BACKSLASH) continue;
      at += 1;
      until = at + NEAR_CHARACTERS;
      const escaped = json.charCodeAt(at);
      if (escaped === U) bytes += LONG_ESCAPE;
      else if (escaped !== SLASH) bytes += SHORT_ESCAPE;
    }
  }
  return bytes;
}
