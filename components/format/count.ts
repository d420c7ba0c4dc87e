const whole = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 2 });

/** "12,345" */
export const count = (value: number): string => whole.format(value);

/** "12.3K"; below ten thousand as it is. */
export const shortCount = (value: number): string =>
  value < 10_000 ? whole.format(value) : compact.format(value);

/** Part of a whole as "0.42%"; "0%" of nothing. */
export const share = (part: number, of: number): string => percent.format(of === 0 ? 0 : part / of);

/** How a share moved, in percentage points: "+0.69 pts". */
export function points(now: number, before: number): string {
  const difference = (now - before) * 100;
  const text = Math.abs(difference).toFixed(2);
  return text === "0.00" ? "±0 pts" : `${difference > 0 ? "+" : "−"}${text} pts`;
}

/** How a figure moved against the one before: "+12%", "−3.4%"; null where there was nothing before. */
export function change(now: number, before: number): string | null {
  if (before === 0) return null;
  const ratio = (now - before) / before;
  if (Math.abs(ratio) < 0.0005) return "±0%";
  const digits = Math.abs(ratio) < 0.1 ? 1 : 0;
  const text = `${(Math.abs(ratio) * 100).toFixed(digits)}%`;
  return ratio > 9.99 ? "×10+" : `${ratio > 0 ? "+" : "−"}${text}`;
}
