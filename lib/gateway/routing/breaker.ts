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
  const { outcomes, next } = breaker;
  const isRecent = ({ atMs }: Outcome) => atMs >= nowMs - WINDOW_MS;
  let all = 0;
  let failures = 0;
  let inRow = 0;
  const failedFor = new Set<string>();
  // The newest first.
  for (let back = 1; back <= outcomes.length; back++) {
    const outcome = outcomes[(next - back + outcomes.length) % outcomes.length];
    if (outcome === undefined || !isRecent(outcome)) break;
    all += 1;
    if (!outcome.isFailure) continue;
    failures += 1;
    if (failures === all) inRow += 1;
    failedFor.add(outcome.organizationId);
  }
  if (inRow < FAILURES && (all < 2 * FAILURES || failures * 2 < all)) return false;
  if (failedFor.size > 1) return true;
  return [breaker.answer, breaker.otherAnswer].every(
    (answer) => answer === null || !isRecent(answer) || failedFor.has(answer.organizationId),
  );
}
