const whole = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 2 });
const evenPercent = new Intl.NumberFormat("en-US", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** "12,345" */
export const count = (value: number): string => whole.format(value);

/** "12.3K"; numbers below ten thousand are not shortened. */
export const shortCount = (value: number): string =>
  value < 10_000 ? whole.format(value) : compact.format(value);

/** A part of a whole, "0.42%"; "0%" of zero. */
export const share = (part: number, of: number): string => percent.format(of === 0 ? 0 : part / of);

/** The same in a column: "49.5%". */
export const columnShare = (part: number, of: number): string => evenPercent.format(of === 0 ? 0 : part / of);

/** The change of a share in percentage points: "+0.69 pts". */
export function points(now: number, before: number): string {
  const difference = (now - before) * 100;
  const text = Math.abs(difference).toFixed(2);
  return text === "0.00" ? "±0 pts" : `${difference > 0 ? "+" : "−"}${text} pts`;
}

/** The change from a previous figure: "+12%", "−3.4%"; null if that was zero. */
export function change(now: number, before: number): string | null {
  if (before === 0) return null;
  const ratio = (now - before) / before;
  if (Math.abs(ratio) < 0.0005) return "±0%";
  const digits = Math.abs(ratio) < 0.1 ? 1 : 0;
  const text = `${(Math.abs(ratio) * 100).toFixed(digits)}%`;
  return ratio > 9.99 ? "×10+" : `${ratio > 0 ? "+" : "−"}${text}`;
}
