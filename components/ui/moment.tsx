import { exactTime, relativeTime } from "#components/format/time";
import { Tooltip } from "./tooltip";

/** A relative time; the exact UTC time on hover. The server provides `nowMs` once per page. */
export function Moment({ iso, nowMs, className }: { iso: string; nowMs: number; className?: string }) {
  return (
    <Tooltip content={exactTime(iso)}>
      <time dateTime={iso} className={className}>
        {relativeTime(iso, nowMs)}
      </time>
    </Tooltip>
  );
}
