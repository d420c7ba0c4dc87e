/** `half_open`: one request may find out whether the target is up again. */
export type BreakerState = "closed" | "half_open" | "open";

/** What a target did with a request, and whose it was. */
export type Outcome = { isFailure: boolean; organizationId: string; atMs: number };

/** What this process knows of one target with one credential. */
export type Breaker = {
  /** The latest, up to KEPT_OUTCOMES of them. */
  outcomes: Outcome[];
  next: number;
  /** The last answer, and the last one to another organization. */
  answer: Outcome | null;
  otherAnswer: Outcome | null;
  /** Until when it asks to be left alone (`retry-after`). */
  coolUntilMs: number;
  down: Down | null;
};

type Down = {
  openedAtMs: number;
  probeAtMs: number;
  /** Its probe: none yet, being claimed, to be had by the next request, or on its way. */
  probe: "none" | "claiming" | "granted" | "sent";
};

const KEPT_OUTCOMES = 20;
const WINDOW_MS = 30_000;
/** As many failures in a row open it, or half of at least twice as many requests. */
const FAILURES = 5;

/** A breaker that is closed. */
export const newBreaker = (): Breaker => ({
  outcomes: [],
  next: 0,
  answer: null,
  otherAnswer: null,
  coolUntilMs: 0,
  down: null,
});

/** Notes what a target did with a request. */
export function noteOutcome(breaker: Breaker, outcome: Outcome): void {
  breaker.outcomes[breaker.next] = outcome;
  breaker.next = (breaker.next + 1) % KEPT_OUTCOMES;
  if (outcome.isFailure) return;
  if (breaker.answer !== null && breaker.answer.organizationId !== outcome.organizationId)
    breaker.otherAnswer = breaker.answer;
  breaker.answer = outcome;
}

/**
 * Whether what is known of a target says that it is down: it has failed five times in a row, or half the time. Failures of
 * one organization's requests alone may be due to them, while others' are answered: they open nothing.
 */
export function isFailing(breaker: Breaker, nowMs: number): boolean {
  const latest = recentOutcomes(breaker, nowMs);
  const answeredAt = latest.findIndex(({ isFailure }) => !isFailure);
  const inRow = answeredAt === -1 ? latest : latest.slice(0, answeredAt);
  const isOfAll = (failed: readonly Outcome[]) => {
    const organizations = new Set(failed.map(({ organizationId }) => organizationId));
    return organizations.size > 1 || !answersOthers(breaker, organizations, nowMs);
  };
  if (inRow.length >= FAILURES && isOfAll(inRow)) return true;
  const failures = latest.filter(({ isFailure }) => isFailure);
  if (latest.length < 2 * FAILURES || !isHalf(failures, latest)) return false;
  // One flaw among many answers to others is no sign that it fails for them, too.
  const most = mostFrequent(failures);
  const ofOthers = (outcomes: readonly Outcome[]) =>
    outcomes.filter(({ organizationId }) => organizationId !== most);
  const others = ofOthers(latest);
  return others.length === 0 ? isOfAll(failures) : isHalf(ofOthers(failures), others);
}

const isHalf = (failures: readonly Outcome[], all: readonly Outcome[]): boolean =>
  2 * failures.length >= all.length;

/** The newest first. */
function recentOutcomes({ outcomes, next }: Breaker, nowMs: number): Outcome[] {
  const newestFirst = [...outcomes.slice(next), ...outcomes.slice(0, next)].reverse();
  const old = newestFirst.findIndex((outcome) => !isRecent(outcome, nowMs));
  return old === -1 ? newestFirst : newestFirst.slice(0, old);
}

const isRecent = ({ atMs }: Outcome, nowMs: number): boolean => atMs >= nowMs - WINDOW_MS;

/** Whether it has lately answered an organization other than these. */
const answersOthers = (
  { answer, otherAnswer }: Breaker,
  organizations: ReadonlySet<string>,
  nowMs: number,
): boolean =>
  [answer, otherAnswer].some(
    (each) => each !== null && isRecent(each, nowMs) && !organizations.has(each.organizationId),
  );

function mostFrequent(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { organizationId } of outcomes)
    counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
  const [most = ["", 0]] = [...counts].sort(([, one], [, other]) => other - one);
  return most[0];
}
