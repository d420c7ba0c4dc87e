import type { PicoUsd } from "#lib/credit/money";
import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { completedUsage } from "#lib/dialects/partial-usage";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { addedUsage, isPartial, laterUsage, type ReportedUsage } from "#lib/dialects/usage";
import { isUsageFinal, reportedUsage, type Shown, seenTokens } from "./meter-usage";
import { type NotedUsage, unreported } from "./noted-usage";

/**
 * What a server has appended to a stream after its end: LiteLLM runs some tools by itself, and sends what the model says
 * then as another message (docs.litellm.ai/docs/proxy/agentic_loop_hook). Each answer is billed.
 */
export type FurtherAnswers = {
  count: number;
  /** The sum of what they report, or show where they report nothing. */
  usage: Usage;
  /** How many have not reported their input. */
  unknownInputs: number;
  /** Whether all of it is reported. */
  isExact: boolean;
  /** What the provider says that they have cost, where it says so. */
  statedCostPicoUsd: PicoUsd;
};

/** What a meter has gathered of them. Plain data. */
export type Gathered = {
  all: FurtherAnswers;
  /** The last of them, if its usage may follow. */
  last: FurtherAnswers | null;
  /** What was reported after the end for the answer before it. */
  late: Late;
};

type Late = Pick<NotedUsage, "usage" | "statedCostPicoUsd">;

/** What a meter knows of the answer that it reads. */
export type AnswerMeter = Shown & {
  /** What the usage was read from, for a dialect whose later reports replace parts of the earlier ones. */
  report: JsonObject | null;
  /** The answers that are complete, by their index. */
  finishedAnswers: number[];
  /** All answers are complete, though the terminal event has not arrived. */
  finished: boolean;
  /** Content has arrived: a text, a call, an image or sound. */
  hasContent: boolean;
  /** Searches of the provider's that were seen. */
  webSearches: number;
  /** What a meter beyond a stream's end has gathered of the answers there; null for others. */
  gathered: Gathered | null;
  /** Such a meter reads one of them. */
  isFurther: boolean;
};

/** Of a stream, and of what follows its end. */
type WithEnd = { afterEnd: AnswerMeter | null };

/** None was appended. */
export const NO_FURTHER: FurtherAnswers = {
  count: 0,
  usage: NO_USAGE,
  unknownInputs: 0,
  isExact: true,
  statedCostPicoUsd: 0n,
};
const NOT_LATE: Late = { usage: null, statedCostPicoUsd: null };

export const gatheredNothing = (): Gathered => ({ all: NO_FURTHER, last: null, late: NOT_LATE });

/** Says that an answer begins with the event that is read. It matters beyond a stream's end only. */
export function beginAnswer(meter: AnswerMeter): void {
  if (meter.gathered === null) return;
  endAnswer(meter, meter.gathered);
  meter.report = null;
  meter.isFurther = true;
}

/** Notes what an event beyond a stream's end has said: content is that of a further answer. */
export function noteBeyondEnd(meter: AnswerMeter): void {
  const { gathered } = meter;
  if (gathered === null) return;
  meter.isFurther ||= meter.hasContent;
  if (!meter.isFurther) noteLate(meter, gathered);
  else if (meter.done) endAnswer(meter, gathered);
}

function noteLate(meter: AnswerMeter, gathered: Gathered): void {
  const { usage, statedCostPicoUsd } = meter;
  if (usage === null && statedCostPicoUsd === null) return;
  if (gathered.last !== null) gathered.last = reportedLater(gathered.last, meter);
  else
    gathered.late = {
      usage: laterUsage(gathered.late.usage, usage),
      statedCostPicoUsd: statedCostPicoUsd ?? gathered.late.statedCostPicoUsd,
    };
  Object.assign(meter, unreported());
}

function endAnswer(meter: AnswerMeter, gathered: Gathered): void {
  if (!meter.isFurther) return;
  gathered.all = withAnswer(gathered.all, gathered.last);
  gathered.last = answerIn(meter);
  Object.assign(meter, unreported());
  meter.report = null;
  meter.finishedAnswers = [];
  meter.finished = false;
  meter.hasContent = false;
  meter.contentEvents = 0;
  meter.webSearches = 0;
  meter.isFurther = false;
}

/** All that was appended so far, also of an answer that is not at its end. */
export function furtherAnswers({ afterEnd }: WithEnd): FurtherAnswers {
  if (afterEnd === null || afterEnd.gathered === null) return NO_FURTHER;
  const { all, last } = afterEnd.gathered;
  return withAnswer(withAnswer(all, last), afterEnd.isFurther ? answerIn(afterEnd) : null);
}

/**
 * What an answer and those after it have reported together.
 * @param alone what is returned of one that has none after it
 */
export function reportedInAll(
  meter: AnswerMeter & WithEnd,
  alone: ReportedUsage | null,
): ReportedUsage | null {
  const { count, usage } = furtherAnswers(meter);
  return count === 0 ? alone : addedUsage(answerIn(meter).usage, usage);
}

/** What was reported since the last time for the answer before a stream's end. */
export function takeLate(gathered: Gathered): Late {
  const { late } = gathered;
  gathered.late = NOT_LATE;
  return late;
}

function answerIn(meter: AnswerMeter): FurtherAnswers {
  const reported = reportedUsage(meter);
  const answer = oneAnswer(reported, seenTokens(meter), reported !== null && isUsageFinal(meter));
  return { ...answer, statedCostPicoUsd: meter.statedCostPicoUsd ?? 0n };
}

/** An answer of which this was reported and so much seen: a report from before its end has the least output. */
export function oneAnswer(reported: ReportedUsage | null, seen: number, isFinal: boolean): FurtherAnswers {
  const shown = { ...NO_USAGE, outputTokens: seen };
  const usage = reported === null ? shown : completedUsage(reported, shown);
  const isWhole = reported !== null && !isPartial(reported);
  return {
    count: 1,
    usage: isFinal ? usage : { ...usage, outputTokens: Math.max(usage.outputTokens, seen) },
    unknownInputs: isWhole || usage.inputTokens > 0 ? 0 : 1,
    isExact: isWhole && isFinal,
    statedCostPicoUsd: 0n,
  };
}

/** An answer of which more is reported after its end. */
function reportedLater(answer: FurtherAnswers, { usage, statedCostPicoUsd }: Late): FurtherAnswers {
  const cost = statedCostPicoUsd ?? answer.statedCostPicoUsd;
  if (usage === null) return { ...answer, statedCostPicoUsd: cost };
  const reported = answer.isExact ? laterUsage(answer.usage, usage) : usage;
  const seen = answer.isExact ? 0 : answer.usage.outputTokens;
  return { ...oneAnswer(reported, seen, !isPartial(usage)), statedCostPicoUsd: cost };
}

/** Adds an answer, if there is one. */
export function withAnswer(sum: FurtherAnswers, more: FurtherAnswers | null): FurtherAnswers {
  if (more === null) return sum;
  return {
    count: sum.count + more.count,
    usage: addedUsage(sum.usage, more.usage),
    unknownInputs: sum.unknownInputs + more.unknownInputs,
    isExact: sum.isExact && more.isExact,
    statedCostPicoUsd: sum.statedCostPicoUsd + more.statedCostPicoUsd,
  };
}
