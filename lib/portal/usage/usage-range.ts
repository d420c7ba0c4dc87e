/** The time ranges of charts, and the width of a bar in each. */
export const USAGE_RANGES = {
  "24h": { bars: 24, barHours: 1 },
  "7d": { bars: 28, barHours: 6 },
  "30d": { bars: 30, barHours: 24 },
} as const;

export type UsageRange = keyof typeof USAGE_RANGES;
export const USAGE_RANGE_NAMES = ["24h", "7d", "30d"] as const satisfies readonly UsageRange[];

const HOUR_MS = 3_600_000;

/** Whole bars in UTC, the last one containing `now`, and the window of the same length before them. */
export type UsageWindow = {
  previousFromMs: number;
  fromMs: number;
  toMs: number;
  barMs: number;
  bars: number;
};

export function usageWindow(range: UsageRange, now: Date): UsageWindow {
  const { bars, barHours } = USAGE_RANGES[range];
  const barMs = barHours * HOUR_MS;
  const toMs = (Math.floor(now.getTime() / barMs) + 1) * barMs;
  const fromMs = toMs - bars * barMs;
  return { previousFromMs: fromMs - bars * barMs, fromMs, toMs, barMs, bars };
}
