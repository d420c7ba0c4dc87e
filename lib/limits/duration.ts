const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** Formats a duration as OpenAI's headers do, in Go's notation: `6m0s`, `1.5s`, `20ms`. */
export function durationText(durationMs: number): string {
  let restMs = Math.max(0, Math.round(durationMs));
  if (restMs > 0 && restMs < 1000) return `${restMs}ms`;
  let text = "";
  for (const [name, lengthMs] of UNITS) {
    const whole = Math.floor(restMs / lengthMs);
    if (whole > 0 || text !== "") text += `${whole}${name}`;
    restMs -= whole * lengthMs;
  }
  return `${text}${restMs / 1000}s`;
}
