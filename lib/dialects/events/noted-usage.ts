import type { PicoUsd } from "#lib/credit/money";
import { statedCostIn } from "#lib/dialects/stated-cost";
import { noRareCharacters, type RareCharacters } from "#lib/dialects/text/rare-characters";
import { laterUsage, outputOf, type ReportedUsage, sumOfAnswers } from "#lib/dialects/usage";

/** What a stream has reported of its usage, and how much content came with it. Plain data. */
export type NotedUsage = {
  /** How many answers the client asked for, at least one. */
  answers: number;
  usage: ReportedUsage | null;
  /** What was reported of single answers, by their index, since the last usage of all; only if there are several. */
  answerUsages: Map<number, ReportedUsage>;
  /** The usage of all answers, without those of single ones. */
  sumUsage: ReportedUsage | null;
  /** Whether a usage of all answers may follow those of single ones. */
  isSumDue: boolean;
  /** How much content there was when the usage came. */
  usageContent: number;
  /** How often a usage was reported, and how often of that with more content and no more output than before. */
  usageReports: number;
  flatReports: number;
  /** The sum of the outputs reported, and the last of them. */
  outputSum: number;
  lastOutput: number;
  /** What the texts count as (lib/dialects/text/shown-bytes.ts). */
  contentBytes: number;
  /** What their rare characters are beyond that. */
  rare: RareCharacters;
  /** Where the part of the answer that is read began, in these bytes, and the characters of what is encrypted in it. */
  part: { startBytes: number; sealedCharacters: number };
  /** Tokens of pictures and recordings, by estimate. */
  mediaTokens: number;
  /** What the provider says that the answer has cost; null if it has not said so. */
  statedCostPicoUsd: PicoUsd | null;
};

/** Nothing is reported, and no content has come. */
export const unreported = (): Omit<NotedUsage, "answers"> => ({
  usage: null,
  answerUsages: new Map(),
  sumUsage: null,
  isSumDue: false,
  usageContent: 0,
  usageReports: 0,
  flatReports: 0,
  outputSum: 0,
  lastOutput: 0,
  contentBytes: 0,
  rare: noRareCharacters(),
  part: { startBytes: 0, sealedCharacters: 0 },
  mediaTokens: 0,
  statedCostPicoUsd: null,
});

/** Notes what an event says that the answer has cost so far: the last of several counts. */
export function noteStatedCost(meter: NotedUsage, event: unknown): void {
  meter.statedCostPicoUsd = statedCostIn(event) ?? meter.statedCostPicoUsd;
}

/** Notes a usage that the provider reports, at the end or several times on the way. */
export function noteUsage(meter: NotedUsage, usage: ReportedUsage | null): void {
  if (usage === null) return;
  countReport(meter, usage);
  meter.sumUsage = laterUsage(meter.sumUsage, usage);
  meter.isSumDue = false;
  const { answerUsages } = meter;
  // It replaces the sum of what was reported apart, if it can be one.
  if ([...answerUsages.values()].every((apart) => outputOf(apart) <= outputOf(usage))) {
    if (answerUsages.size > 0) meter.usage = meter.sumUsage;
    answerUsages.clear();
  }
  meter.usage = laterUsage(meter.usage, usage);
}

/** Notes what the provider reports of one of several answers: their outputs add up until it reports a sum. */
export function noteAnswerUsage(meter: NotedUsage, index: number, usage: ReportedUsage): void {
  const { answerUsages, answers } = meter;
  countReport(meter, usage);
  answerUsages.set(index, laterUsage(answerUsages.get(index) ?? null, usage) ?? usage);
  const apart = [...answerUsages.values()];
  // Some count all answers in each report: then every one is larger than the one before, whatever its index.
  const isOfAll = meter.flatReports === 0 && meter.usageReports > 2 * answers;
  const likely = isOfAll ? apart.reduce(laterUsage, null) : sumOfAnswers(apart);
  meter.usage = laterUsage(meter.sumUsage, likely);
  meter.isSumDue = true;
}

function countReport(meter: NotedUsage, usage: ReportedUsage): void {
  const output = outputOf(usage);
  const content = contentOf(meter);
  if (content > meter.usageContent && output <= meter.lastOutput) meter.flatReports += 1;
  meter.usageReports += 1;
  meter.outputSum += output;
  meter.lastOutput = output;
  meter.usageContent = content;
}

/**
 * Replaces the usage by what all reports together say, in a dialect where each counts from the start.
 * @param isOfAll whether it counts what was generated so far: one at the beginning does not
 */
export function replaceUsage(meter: NotedUsage, usage: ReportedUsage | null, isOfAll: boolean): void {
  meter.usage = usage ?? meter.usage;
  meter.usageContent = isOfAll ? contentOf(meter) : -1;
}

/** How much content has arrived. */
export const contentOf = ({ contentBytes, mediaTokens }: NotedUsage): number => contentBytes + mediaTokens;
