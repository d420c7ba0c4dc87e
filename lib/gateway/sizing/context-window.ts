import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { audioUnpriced, isAudioUnpriced } from "./audio-by-time";
import { countTokensUpTo } from "./count-tokens";
import { missingRate, rateMissing } from "./dearer-parts";
import { textBytes } from "./estimate";
import { heldWindow, knownWindow } from "./held-window";
import { leastTokens } from "./least-tokens";
import { unboundedParam, withoutUnknown } from "./media-tokens";
import { paidReading, paidReadingParam } from "./paid-reading";
import { proxyTool, proxyToolParam } from "./proxy-tools";
import { tokenizerOver } from "./tokenizers";
import { unknownFieldRejection } from "./unknown-fields";

/** Nearly all texts have more bytes per token: a long text that fits by this is not counted. */
const LEAST_BYTES_PER_TOKEN = 3;
const SHORT_BYTES = 16_384;
/** Every chat template puts at least this many tokens around a message. */
const LEAST_TOKENS_PER_MESSAGE = 3;
/** Other tokenizers make fewer tokens of some texts: do not reject what may fit there. */
const OTHER_TOKENIZERS_FACTOR = 0.75;
/** Texts beyond this are not counted, but bounded by the longest token. */
const MOST_COUNTED_CHARACTERS = 1_000_000;
const CHARACTERS_OF_LONGEST_TOKEN = 128;
/** To report the length of a request whose output bound alone exceeds the window. */
const LEAST_COUNTED_TOKENS = 2_000;

export type ContextJudge = {
  /** Whether it takes a closer look to know that the request fits. */
  isNear: (model: Model, isLimited?: boolean) => boolean;
  /**
   * The rejection of a request that does not fit, or has no bound or no price at all; null for one that may.
   * @param isLimited whether a hard budget or the allowance for outages limits its caller
   */
  rejection: (model: Model, isLimited?: boolean) => Promise<ApiError | null>;
};

/**
 * Judges whether a request fits into a model's context window; it counts once per window. It judges by the
 * least that the input can be, so a request that fits is never rejected; the provider rejects the close ones
 * that do not.
 */
export function contextJudge(
  {
    name,
    promptTexts,
    promptField,
    windowHoldsBound,
  }: Pick<Dialect, "name" | "promptTexts" | "promptField" | "windowHoldsBound">,
  call: Call,
): ContextJudge {
  const output = windowHoldsBound ? (call.maxOutputTokens ?? 0) : 0;
  let judged: { model: Model; rejection: Promise<ApiError | null> } | null = null;

  const paidParam = (model: Model, isLimited: boolean) =>
    isLimited ? paidReadingParam(call.media, model) : null;

  const proxyParam = (model: Model, isLimited: boolean) => (isLimited ? proxyToolParam(call, model) : null);

  const isUnpriced = (model: Model, isLimited: boolean) => isLimited && isAudioUnpriced(call.media, model);

  const missing = (model: Model, isLimited: boolean) => {
    const lacking = isLimited ? missingRate(call, model) : null;
    return lacking?.isUsual ? null : lacking;
  };

  const unknownField = (model: Model, isLimited: boolean) =>
    unknownFieldRejection(call, model, name, isLimited);

  const unheldParam = (model: Model, isLimited: boolean) =>
    lacksWindow(model, isLimited) ? unboundedFieldOf(call, model, isLimited) : null;

  const isNear = (model: Model, isLimited = true) =>
    unknownField(model, isLimited) !== null ||
    paidParam(model, isLimited) !== null ||
    proxyParam(model, isLimited) !== null ||
    isUnpriced(model, isLimited) ||
    missing(model, isLimited) !== null ||
    unheldParam(model, isLimited) !== null ||
    (model.contextWindow !== null && mayExceed(call, output, model.contextWindow));

  async function judge(model: Model, contextWindow: number): Promise<ApiError | null> {
    const room = contextWindow - output;
    const factor = tokenizerOver(model.routes) === "o200k" ? 1 : OTHER_TOKENIZERS_FACTOR;
    const enough = (Math.max(room, LEAST_COUNTED_TOKENS) + 1) / factor;
    const around = call.messageCount * LEAST_TOKENS_PER_MESSAGE;
    const least = around > enough ? around : await leastInput(promptTexts(call), around, enough);
    const input = Math.floor(least * factor);
    if (input <= room) return null;
    return new ApiError(
      "context_length_exceeded",
      `This model's context window is ${contextWindow} tokens, but the request needs at least ${input + output}: ${input} for ${promptField} and ${output} for the answer. Shorten ${promptField}${output > 0 ? " or lower the output bound" : ""}.`,
      { param: promptField, contextTokens: { input: input + output, most: contextWindow } },
    );
  }

  return {
    isNear,
    rejection: async (model, isLimited = true) => {
      if (!isNear(model, isLimited)) return null;
      const unknown = unknownField(model, isLimited);
      if (unknown !== null) return unknown;
      const paid = paidParam(model, isLimited);
      if (paid !== null) return paidReading(paid);
      const run = proxyParam(model, isLimited);
      if (run !== null) return proxyTool(run);
      if (isUnpriced(model, isLimited)) return audioUnpriced(promptField);
      const lacking = missing(model, isLimited);
      if (lacking !== null) return rateMissing(lacking, promptField);
      const unheld = unheldParam(model, isLimited);
      if (unheld !== null) return unbounded(unheld, model);
      if (model.contextWindow === null) return null;
      if (judged?.model.name !== model.name || judged.model.contextWindow !== model.contextWindow) {
        judged = { model, rejection: judge(model, model.contextWindow) };
      }
      return judged.rejection;
    },
  };
}

/** Whether there is no window to hold for: of a limited caller, that of each target must be known. */
const lacksWindow = (model: Model, isLimited: boolean): boolean =>
  (isLimited ? knownWindow(model.routes) : heldWindow(model)) === null;

/** The field that makes the input of one of the model's routes unbounded. */
function unboundedFieldOf({ media }: Call, { routes }: Model, isLimited: boolean): string | null {
  const judged = isLimited ? media : withoutUnknown(media);
  for (const { target } of routes) {
    const param = unboundedParam(judged, target.upstreamModel);
    if (param !== null) return param;
  }
  return null;
}

const unbounded = (param: string, { contextWindow }: Model) =>
  new ApiError(
    "invalid_request",
    `The provider fetches or unpacks '${param}', or Tollgate does not know it, so its tokens are not known beforehand, and ${contextWindow === null ? "this model" : "one of this model's targets"} has no context window to hold for. Send its text instead, or ask an administrator to set the ${contextWindow === null ? "model's" : "target's"} context_window.`,
    { param },
  );

/** Whether it takes counting to know that the request fits into the window with this many other tokens. */
export function mayExceed(call: Call, otherTokens: number, contextWindow: number): boolean {
  const bytes = textBytes(call);
  return otherTokens + bytes / (bytes > SHORT_BYTES ? LEAST_BYTES_PER_TOKEN : 1) > contextWindow;
}

/** The least tokens that the texts can be, plus `around`; counted only a little beyond `enough`. */
async function leastInput(all: readonly string[], around: number, enough: number): Promise<number> {
  const scanned = around + leastTokens(all, "o200k", enough - around);
  if (scanned > enough) return scanned;
  const texts: string[] = [];
  let characters = 0;
  let uncounted = 0;
  for (const text of all) {
    if (characters + text.length > MOST_COUNTED_CHARACTERS) uncounted += text.length;
    else {
      texts.push(text);
      characters += text.length;
    }
  }
  const bounded = around + Math.floor(uncounted / CHARACTERS_OF_LONGEST_TOKEN);
  if (bounded > enough) return bounded;
  return bounded + (await countTokensUpTo(texts, enough - bounded + 1));
}
