import { duration } from "#components/format/duration";
import { exactUsd } from "#components/format/usd";
import { Badge, type Tone } from "#components/ui/badge";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";

type Attempt = LedgerRequest["attempts"][number];

const OUTCOMES: Record<Attempt["outcome"], { label: string; tone: Tone }> = {
  served: { label: "Answered", tone: "accent" },
  failed: { label: "Failed", tone: "danger" },
  skipped: { label: "Skipped", tone: "neutral" },
  hedged: { label: "Overtaken", tone: "wait" },
};

/** Whether there is more to tell than that one target answered. */
export const hasAttempts = ({ attempts }: Pick<LedgerRequest, "attempts">): boolean =>
  attempts.length > 1 || attempts.some(({ outcome }) => outcome !== "served");

/** The targets that a request was sent to, and those that were skipped, in order. */
export function AttemptList({ attempts }: Pick<LedgerRequest, "attempts">) {
  return (
    <ol aria-label="Attempts" className="text-sm">
      {attempts.map((attempt, index) => (
        // Targets may be tried twice, and the order never changes.
        // biome-ignore lint/suspicious/noArrayIndexKey: an attempt has no other name
        <li key={index} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-t px-4 py-2.5">
          <Badge tone={OUTCOMES[attempt.outcome].tone}>{OUTCOMES[attempt.outcome].label}</Badge>
          <span className="min-w-0 break-words text-ink">
            {attempt.provider} <code className="font-mono text-ink-2 text-xs">{attempt.upstream_model}</code>
          </span>
          <span className="figures ml-auto text-ink-2">{exactUsd(attempt.cost_usd)}</span>
          <span className="basis-full text-ink-3 text-xs">{storyOf(attempt)}</span>
        </li>
      ))}
    </ol>
  );
}

/** When it was tried, for how long, and what came of it. */
function storyOf({ outcome, started_ms: startedMs, latency_ms: latencyMs, ...ending }: Attempt): string {
  const when =
    outcome === "skipped"
      ? `After ${duration(startedMs)}`
      : `After ${duration(startedMs)}, for ${duration(latencyMs)}`;
  const status = ending.http_status === null ? null : `status ${ending.http_status}`;
  return [when, status, ending.reason].filter((part) => part !== null).join(" · ");
}
