import { exactTime, utcDate } from "#components/format/time";

/** The UTC day of a moment, with its year: "14 Mar 2026"; exactly when, on hover. */
export const Day = ({ iso }: { iso: string }) => (
  <time dateTime={iso} title={exactTime(iso)}>
    {utcDate(iso, 0)}
  </time>
);
