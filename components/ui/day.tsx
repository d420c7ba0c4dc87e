import { exactTime, utcDate } from "#components/format/time";

/** A time's UTC day with its year, "14 Mar 2026"; the exact time on hover. */
export const Day = ({ iso }: { iso: string }) => (
  <time dateTime={iso} title={exactTime(iso)}>
    {utcDate(iso, 0)}
  </time>
);
