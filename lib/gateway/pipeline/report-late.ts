import { usageAtEnd } from "#lib/dialects/events/meter-usage";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { type Cancellation, newCancellation } from "#lib/providers/cancellation";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Lateness } from "#lib/providers/wire";
import type { Admission } from "./admission";
import type { ClientDisconnect } from "./client-disconnect";
import { type FailedAttempt, failedAttempt, type Outcome, stoppedAttempt } from "./failed-attempt";
import { readOn } from "./read-on";

/** A report that a whole context window depends on is worth waiting for: models may reason for minutes. */
const TIMES_FOR_REPORT = 5;

/** How long an answer is read on without its client, or beyond its time, where that is done. */
export const readOnMsFor = (
  { readOnMs }: Pick<Gateway, "readOnMs">,
  { awaitsReport }: Pick<Admission, "awaitsReport">,
): number => readOnMs * (awaitsReport ? TIMES_FOR_REPORT : 1);

/**
 * Sends an attempt whose provider alone can tell what it bills. If it is late, that is its outcome, and its answer is
 * read on for the report.
 * @param send sends it; never rejects
 */
export function sendAwaited(
  send: (stop: Cancellation, late: Lateness) => Promise<Outcome>,
  {
    stop,
    count,
    disconnect,
    readOnMs,
  }: {
    stop: Cancellation;
    count: AnswerCount;
    disconnect: Pick<ClientDisconnect, "isGone">;
    readOnMs: number;
  },
): Promise<Outcome> {
  const { cancel: cut, ...stopped } = newCancellation();
  const unwatch = stop.onCancel(cut);
  return new Promise((resolve) => {
    let state: "waits" | "late" | "ended" = "waits";
    const late: Lateness = {
      readOnMs,
      isNoted: () => state === "late",
      note() {
        if (state === "waits") {
          state = "late";
          const timeout = setTimeout(cut, readOnMs).unref();
          const report = sent
            .then((outcome) => reportOf(outcome, count, stopped))
            .finally(() => {
              clearTimeout(timeout);
              unwatch();
            });
          const error = new UpstreamTimeout("The provider did not answer in time", true);
          const failed = failedAttempt(error, disconnect, stop);
          // It is generated on while it is read on, and the hold is raised but once.
          resolve({ kind: "failed", failure: { ...failed, bills: "whole_bound", late: { report, cut } } });
        }
        return state === "late";
      },
    };
    const sent = send(stopped, late).then((outcome) => {
      if (state === "waits") {
        state = "ended";
        unwatch();
        resolve(outcome);
      }
      return outcome;
    });
  });
}

/** What an answer without a client reports. A stream is read to its end. */
async function reportOf(outcome: Outcome, count: AnswerCount, stop: Cancellation): Promise<FailedAttempt> {
  if (outcome.kind === "said" && outcome.said.kind === "stream") {
    const { stream } = outcome.said;
    const unwatch = stop.onCancel(stream.cutUpstream);
    const { meter, source } = stream;
    await readOn(meter, source, () => !meter.done && meter.fault === null);
    unwatch();
  }
  return stoppedWith(outcome, count);
}

/** What a stopped attempt may bill: it may have ended at the same time as another one. */
export function stoppedWith(outcome: Outcome, count: AnswerCount): FailedAttempt {
  if (outcome.kind === "failed") return stoppedAttempt(outcome.failure.reported, outcome.failure);
  const { said } = outcome;
  switch (said.kind) {
    case "error":
      return stoppedAttempt(said.passed.usage, { bills: said.passed.bills, isLeft: false });
    case "whole":
      count.release();
      return stoppedAttempt(said.whole.read.usage, { bills: "output_so_far", isLeft: false });
    case "stream":
      said.stream.cutUpstream();
      return stoppedAttempt(usageAtEnd(said.stream.meter), { bills: "output_so_far", isLeft: true });
  }
}
