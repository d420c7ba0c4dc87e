import { duration } from "#components/format/duration";
import { exactTime } from "#components/format/time";

type Props = {
  createdAt: string;
  ttftMs: number | null;
  latencyMs: number | null;
  settledAt: string | null;
  /** The label of the end: "Settled", "Released". */
  endLabel: string;
};

/** Of "2026-03-14 ", which is hidden on narrow screens. */
const DATE_LENGTH = 11;

/** The times from hold to settlement, to scale. */
export function RequestTimeline({ createdAt, ttftMs, latencyMs, settledAt, endLabel }: Props) {
  const startMs = Date.parse(createdAt);
  const endMs = latencyMs ?? (settledAt === null ? null : Math.max(0, Date.parse(settledAt) - startMs));
  const waited = endMs !== null && endMs > 0 && ttftMs !== null ? Math.min(1, ttftMs / endMs) : null;
  const at = (ms: number) => exactTime(new Date(startMs + ms).toISOString());
  const events = [
    { label: "Held", offset: "0 ms", time: at(0) },
    ...(ttftMs === null ? [] : [{ label: "First content", offset: duration(ttftMs), time: at(ttftMs) }]),
    ...(endMs === null
      ? []
      : [{ label: endLabel, offset: duration(endMs), time: settledAt ? exactTime(settledAt) : at(endMs) }]),
  ];
  return (
    <div>
      <div className="flex h-2.5 gap-0.5" aria-hidden="true">
        {endMs === null ? (
          <div className="hatch flex-1 animate-breathe rounded-xs text-wait ring-1 ring-line-strong ring-inset" />
        ) : (
          <>
            <div className="min-w-0.5 rounded-xs bg-chart-4" style={{ width: `${(waited ?? 1) * 100}%` }} />
            {waited !== null && waited < 1 ? (
              <div className="min-w-0.5 flex-1 rounded-xs bg-chart-2" />
            ) : null}
          </>
        )}
      </div>
      <ol className="mt-3 flex flex-col gap-2">
        {events.map((event) => (
          <li
            key={event.label}
            className="figures grid grid-cols-[5.5rem_4.5rem_1fr] items-baseline gap-2 text-sm"
          >
            <span className="font-medium text-ink">{event.label}</span>
            <span className="text-right text-ink">{event.offset}</span>
            <time className="truncate pl-3 text-ink-3 text-xs">
              <span className="hidden sm:inline">{event.time.slice(0, DATE_LENGTH)}</span>
              {event.time.slice(DATE_LENGTH)}
            </time>
          </li>
        ))}
      </ol>
      {endMs === null ? <p className="mt-2 text-ink-3 text-xs">In progress.</p> : null}
    </div>
  );
}
