const DAY_S = 86_400;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2026-03-14 09:26:53.589 UTC" */
export const exactTime = (iso: string): string => `${iso.replace("T", " ").replace("Z", "")} UTC`;

/** "2026-03-14 09:26 UTC" */
export const exactMinute = (iso: string): string => `${exactTime(iso).slice(0, 16)} UTC`;

/** A time relative to now: "now", "42s ago", "3h ago", "in 5d"; beyond four weeks the UTC date. */
export function relativeTime(iso: string, nowMs: number): string {
  const seconds = Math.round((nowMs - Date.parse(iso)) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return "now";
  if (distance >= 28 * DAY_S) return utcDate(iso, new Date(nowMs).getUTCFullYear());
  const [amount, unit] =
    distance < 60
      ? [distance, "s"]
      : distance < 3600
        ? [Math.floor(distance / 60), "m"]
        : distance < DAY_S
          ? [Math.floor(distance / 3600), "h"]
          : [Math.floor(distance / DAY_S), "d"];
  return seconds > 0 ? `${amount}${unit} ago` : `in ${amount}${unit}`;
}

/** "14 Mar", with the year if it is another one. */
export function utcDate(iso: string, thisYear: number): string {
  const date = new Date(iso);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return date.getUTCFullYear() === thisYear ? day : `${day} ${date.getUTCFullYear()}`;
}

/** "14:00" */
export const utcHour = (iso: string): string => iso.slice(11, 16);
