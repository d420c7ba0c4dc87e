import { exactTime, relativeTime } from "#components/format/time";
import { Tooltip } from "./tooltip";

/** How long ago something was; exactly when, in UTC, on hover. `nowMs` comes from the server, once per page. */
export function Moment({ iso, nowMs, className }: { iso: string; nowMs: number; className?: string }) {
  return (
    <Tooltip content={exactTime(iso)}>
      <time dateTime={iso} className={className}>
        {relativeTime(iso, nowMs)}
      </time>
    </Tooltip>
  );
}
