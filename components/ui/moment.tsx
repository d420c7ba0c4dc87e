import { exactTime, relativeTime } from "#components/format/time";

/** A relative time; the exact UTC time on hover. The server provides `nowMs` once per page. */
export const Moment = ({ iso, nowMs, className }: { iso: string; nowMs: number; className?: string }) => (
  <time dateTime={iso} className={className} data-tip={exactTime(iso)}>
    {relativeTime(iso, nowMs)}
  </time>
);
