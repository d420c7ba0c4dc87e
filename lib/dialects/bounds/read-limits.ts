import type { Cut, FieldSpan } from "#lib/dialects/text/json-fields";
import { walkFields } from "#lib/dialects/text/nested-fields";
import { ApiError } from "#lib/http/api-error";
import { isBodyOnly, isData, isMerged, isReasoning } from "./data-fields";
import { isKnownValue } from "./known-fields";
import { isMetadata, noteMetadata } from "./metadata";
import { isOutputBound, isOutputBoundName } from "./output-bound-names";
import { paramOf, unsupportedAt } from "./param-of";
import { plainName } from "./plain-name";
import {
  isReasoningBudget,
  isReasoningBudgetName,
  MOST_THINKING_TOKENS,
  THINKING_SWITCH,
} from "./reasoning-budgets";
import {
  asksForReasoning,
  isReasoningSwitchName,
  type ReasoningAsked,
  type ReasoningSwitch,
  switchedOff,
  THINKING_BUDGET,
} from "./reasoning-settings";
import { isTemplateArguments, judgeTemplateArguments } from "./template-arguments";
import { noteUnknown, type Unknown, type UnknownReading } from "./unknown-fields";
import {
  asksForMore,
  isUnsupportedName,
  misplacedField,
  REASONING_MODE,
  unsupportedField,
} from "./unsupported-fields";

/** The output bounds of a body, under whatever names and wherever they are. */
export type OutputBounds = {
  /** Where the first of them are: `max_tokens`, `options.num_predict`. */
  paths: readonly string[];
  topLevel: readonly FieldSpan[];
  /** What to cut to remove those inside other fields. */
  nested: readonly Cut[];
};

/** What a body says about how much may be generated. */
export type Limits = {
  outputBounds: OutputBounds;
  /** The one value that all bounds have; null without any, or if they are zero. */
  maxOutputTokens: number | null;
  /** Whether all bounds are zero: then only the provider's judgment of the request is asked for. */
  isZero: boolean;
  /** Texts that the answer is predicted to contain: what it does not use of them is billed as output. */
  predictedTexts: readonly string[];
  /** What it says about reasoning, which some providers do not count within the bound. */
  reasoning: ReasoningAsked;
  /** What Tollgate does not know, and a server may write into the prompt. */
  unknown: Unknown;
};

/**
 * What a bound of zero is held and sent as where a budget applies, in dialects where it asks for no output: some servers
 * read zero as no bound.
 */
export const BOUND_FOR_ZERO = 1;

/** The fields of a call that its limits give. */
export const calledWithin = ({
  maxOutputTokens,
  outputBounds,
  predictedTexts,
  reasoning,
  unknown,
}: Limits) => ({
  maxOutputTokens,
  outputBounds,
  predictedTexts,
  reasoning,
  unknownFields: unknown.fields,
});

const NONE: readonly never[] = [];
/** More are not told apart. */
const MOST_PATHS = 20;

/** A dialect without output: no bounds. */
export const NO_OUTPUT_BOUNDS: OutputBounds = { paths: NONE, topLevel: NONE, nested: NONE };

const PREDICTED = new Set(["prediction", "predictedoutput", "speculation"]);

const NONE_IS_JUDGED = () => false;

/** No field of a kind is being read. */
const OUTSIDE = Number.POSITIVE_INFINITY;
const FOR_TEMPLATE = "chattemplatekwargs";

/** Whether Tollgate reads a field of this name in any dialect, spelt exactly so. */
export const isLimitName = (name: string): boolean =>
  isOutputBoundName(name) ||
  isReasoningBudgetName(name) ||
  isReasoningSwitchName(name) ||
  isUnsupportedName(name) ||
  PREDICTED.has(name);

type Reading = {
  json: string;
  paths: string[];
  bound: { path: string; tokens: number } | null;
  isZero: boolean;
  predictedTexts: string[];
  reasoningBudgetTokens: number;
  thinkingBudgetTokens: number | null;
  /** Whether reasoning is switched on that the output bound does not cover. */
  thinks: boolean;
  switchesOff: ReasoningSwitch[];
  asksForReasoning: boolean;
  unknown: UnknownReading;
  /** The plain names of the fields that are being read, from the body's own down: each is made once, however deep. */
  plainNames: string[];
  /** How deep the outermost field of a kind is that is being read; infinite outside such a field. */
  depthOf: Record<"known" | "merged" | "predicted" | "template", number>;
};

/**
 * Reads everything in a body that bounds or raises what is generated, read or billed: at the top level and inside
 * settings, in any case, spelling or repetition.
 * @param isOwn whether the dialect itself holds for what a top-level field has
 * @param isJudged whether the dialect alone judges a top-level field, spelt so, and all that is in it
 * @throws ApiError invalid_request for a bound that is no number of tokens, or two that differ;
 * unsupported_parameter for what would exceed the hold
 */
export function readLimits(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  isOwn: (name: string) => boolean,
  isJudged: (name: string) => boolean = NONE_IS_JUDGED,
): Limits {
  const reading: Reading = {
    json,
    paths: [],
    bound: null,
    isZero: false,
    predictedTexts: [],
    reasoningBudgetTokens: 0,
    thinkingBudgetTokens: null,
    thinks: false,
    switchesOff: [],
    asksForReasoning: false,
    unknown: { fields: [], lastDepth: 0, param: null, scalarBytes: 0 },
    plainNames: [],
    depthOf: { known: OUTSIDE, merged: OUTSIDE, predicted: OUTSIDE, template: OUTSIDE },
  };
  const nested: Cut[] = [];
  const topLevel: FieldSpan[] = [];
  for (const [name, span] of fields) {
    if (isJudged(name)) continue;
    const path = [name];
    const plain = plainName(name);
    const own = isOwn(name);
    noteDepth(reading, plain, 1);
    if (isEntered(plain, json[span.start])) {
      if (own) reading.depthOf.known = 1;
      walkFields(json, span.start, path, {
        enters: (inner, first) => {
          const innerPlain = plainName(inner.at(-1) ?? "");
          noteDepth(reading, innerPlain, inner.length);
          return !isData(innerPlain, first);
        },
        visit: (inner, innerSpan) => readField(reading, inner, innerSpan, false),
        cuts: nested,
      });
    }
    if (readField(reading, path, span, own)) topLevel.push(span);
  }
  const { unknown } = reading;
  return {
    outputBounds: reading.paths.length === 0 ? NO_OUTPUT_BOUNDS : { paths: reading.paths, topLevel, nested },
    maxOutputTokens: reading.bound?.tokens ?? null,
    isZero: reading.isZero && reading.bound === null,
    predictedTexts: reading.predictedTexts,
    reasoning: {
      budgetTokens: reading.reasoningBudgetTokens || (reading.thinks ? MOST_THINKING_TOKENS : 0),
      withinBoundTokens: 0,
      thinkingBudgetTokens: reading.thinkingBudgetTokens,
      off: reading.switchesOff,
      isAsked: reading.asksForReasoning,
    },
    unknown: { fields: unknown.fields, param: unknown.param, scalarBytes: unknown.scalarBytes },
  };
}

const isEntered = (plain: string, first: string | undefined) =>
  (first === "{" || first === "[") && !isData(plain, first);

/** Whether a field's content is priced, judged or never part of a prompt. */
const isKnown = (plain: string) => PREDICTED.has(plain) || isTemplateArguments(plain) || isKnownValue(plain);

/** Notes a field before those in it are read. */
function noteDepth({ plainNames, depthOf }: Reading, plain: string, depth: number): void {
  plainNames[depth - 1] = plain;
  if (isKnown(plain)) depthOf.known = Math.min(depthOf.known, depth);
  if (isMerged(plain)) depthOf.merged = Math.min(depthOf.merged, depth);
  if (PREDICTED.has(plain)) depthOf.predicted = Math.min(depthOf.predicted, depth);
  if (plain === FOR_TEMPLATE) depthOf.template = Math.min(depthOf.template, depth);
}

/** Notes that only fields below this depth are still being read. */
function leave(depthOf: Reading["depthOf"], depth: number): void {
  if (depth <= depthOf.known) depthOf.known = OUTSIDE;
  if (depth <= depthOf.merged) depthOf.merged = OUTSIDE;
  if (depth <= depthOf.predicted) depthOf.predicted = OUTSIDE;
  if (depth <= depthOf.template) depthOf.template = OUTSIDE;
}

/** Reads one field, after those in it. Returns whether it is an output bound. */
function readField(reading: Reading, path: readonly string[], span: FieldSpan, isOwn: boolean): boolean {
  const plain = reading.plainNames[path.length - 1] ?? "";
  const outer = reading.plainNames[path.length - 2];
  reading.asksForReasoning ||= asksForReasoning(reading.json, plain, outer, span);
  const off = switchedOff(reading.json, path, span);
  if (off !== undefined) reading.switchesOff.push(off);
  leave(reading.depthOf, path.length);
  const isJudged = isOwn || reading.depthOf.known !== OUTSIDE;
  if (isOutputBound(plain)) {
    if (outer !== undefined && isReasoning(outer)) {
      readBudget(reading, path, span);
      return false;
    }
    readBound(reading, path, span);
    return true;
  }
  if (isReasoningBudget(plain)) readBudget(reading, path, span);
  else if (isTemplateArguments(plain)) judgeTemplateArguments(reading.json, span, [...path]);
  else if (isMetadata(plain)) noteMetadata(reading.unknown, reading.json, span, path);
  else if (PREDICTED.has(plain)) {
    // What is in another one is read with it.
    if (reading.depthOf.predicted === OUTSIDE) addTexts(reading.predictedTexts, parsedValue(reading, span));
  } else {
    if (plain === THINKING_SWITCH) readSwitch(reading, span);
    else rejectUnsupported(reading, path, plain, span, isOwn);
    if (!isJudged) noteUnknown(reading.unknown, reading.json, path, plain, span);
  }
  return false;
}

function readBound(reading: Reading, path: readonly string[], span: FieldSpan): void {
  const tokens = tokensOf(reading, path, span);
  if (reading.paths.length < MOST_PATHS) reading.paths.push(paramOf(path));
  if (tokens === null) return;
  if (tokens === 0) reading.isZero = true;
  else if (reading.bound === null) reading.bound = { path: paramOf(path), tokens };
  else if (reading.bound.tokens !== tokens) {
    const { path: other, tokens: otherTokens } = reading.bound;
    const at = paramOf(path);
    throw new ApiError(
      "invalid_request",
      `'${other}' is ${otherTokens} and '${at}' is ${tokens}: both bound the output. Send one of them.`,
      { param: at },
    );
  }
}

function readBudget(reading: Reading, path: readonly string[], span: FieldSpan): void {
  // Minus one leaves it to the provider, which then keeps to the output bound.
  if (reading.json.slice(span.start, span.end) === "-1") return;
  const tokens = tokensOf(reading, path, span) ?? 0;
  reading.reasoningBudgetTokens = Math.max(reading.reasoningBudgetTokens, tokens);
  if (path.length === 1 && path[0] === THINKING_BUDGET && tokens > 0) reading.thinkingBudgetTokens = tokens;
}

/** What open servers pass to a template keeps to the output bound. */
function readSwitch(reading: Reading, span: FieldSpan): void {
  if (reading.depthOf.template === OUTSIDE && reading.json.slice(span.start, span.end) === "true")
    reading.thinks = true;
}

/** A number of tokens; null for none. A string is a number to some servers, so it is none here. */
function tokensOf(reading: Reading, path: readonly string[], span: FieldSpan): number | null {
  const value = isShort(span) ? parsedValue(reading, span) : undefined;
  if (value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const param = paramOf(path);
  throw new ApiError(
    "invalid_request",
    `'${param}' must be a whole number of tokens. Omit it to set no limit.`,
    { param },
  );
}

function rejectUnsupported(
  reading: Reading,
  path: readonly string[],
  plain: string,
  span: FieldSpan,
  isOwn: boolean,
): void {
  const misplaced = isBodyOnly(plain) && reading.depthOf.merged !== OUTSIDE;
  const isMode = plain === "mode" && reading.plainNames[path.length - 2] === "reasoning";
  const rule = misplaced ? misplacedField(plain) : isMode ? REASONING_MODE : unsupportedField(plain);
  if (rule === undefined) return;
  if (isShort(span) && !asksForMore(parsedValue(reading, span), rule, !isOwn)) return;
  throw unsupportedAt(path, rule.why);
}

/** Every value that asks for nothing is short; a long one is not parsed for it. */
const isShort = ({ start, end }: FieldSpan) => end - start < 100;

const parsedValue = ({ json }: Reading, { start, end }: FieldSpan): unknown =>
  JSON.parse(json.slice(start, end));

/** All strings in a value; field names are none of them. */
function addTexts(texts: string[], value: unknown): void {
  if (typeof value === "string") texts.push(value);
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) addTexts(texts, inner);
  }
}
