import { isObject } from "#lib/dialects/text/json-fields";
import { draw } from "../draw";
import type { LenientContent } from "../scenario";
import { inputTokensOf, predictedTokensOf } from "./input-tokens";
import { greatestAnswerCount, greatestOutputBound } from "./output-bounds";
import { templateTokens } from "./template-tokens";

/** What the provider bills for one call. */
export type BilledTokens = { inputTokens: number; outputTokens: number };

/** What a lenient provider makes of a request, on a clock that starts when it has the whole body. */
export type Generation = {
  inputTokens: number;
  /** In this order; hidden ones are never sent. */
  hiddenBefore: number;
  visible: number;
  hiddenAfter: number;
  /** Predicted tokens that the answer did not use: billed as output, beyond any bound. */
  predicted: number;
  /** Whether the request's bound ended it. */
  atBound: boolean;
  /** Milliseconds from the start until this many tokens are generated. */
  msUntil: (tokens: number) => number;
  /** What it bills if it ends now. */
  billedAfter: (elapsedMs: number) => BilledTokens;
};

const withoutTools = (body: unknown) => (isObject(body) ? { ...body, tools: undefined } : body);

/** Reads any name of a bound, takes the greatest, and generates as much as the content wants within it. */
export function generationOf(content: LenientContent, rawBody: string, body: unknown): Generation {
  const perAnswer = greatestOutputBound(rawBody) ?? Number.POSITIVE_INFINITY;
  const answers = greatestAnswerCount(rawBody);
  let room = perAnswer * answers;
  const take = (wanted: number) => {
    const taken = Math.min(room, wanted * answers);
    room -= taken;
    return taken;
  };
  const hiddenBefore = take(draw(content.hiddenTokens?.before ?? 0));
  const visible = take(draw(content.visibleTokens));
  const hiddenAfter = take(draw(content.hiddenTokens?.after ?? 0));
  const total = hiddenBefore + visible + hiddenAfter;
  const predicted = predictedTokensOf(body);
  const inputTokens = content.writesTemplates
    ? inputTokensOf(withoutTools(body)) + templateTokens(body)
    : inputTokensOf(body);
  const perMs = (content.tokensPerSecond ?? Number.POSITIVE_INFINITY) / 1_000;
  return {
    inputTokens,
    hiddenBefore,
    visible,
    hiddenAfter,
    predicted,
    atBound: room === 0,
    msUntil: (tokens) => tokens / perMs,
    billedAfter: (elapsedMs) => ({
      inputTokens,
      outputTokens: Math.min(total, Math.floor(Math.max(elapsedMs, 1) * perMs)) + predicted,
    }),
  };
}
