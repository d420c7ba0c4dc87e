let second = { startMs: Number.NEGATIVE_INFINITY, iso: "" };

/** What `toISOString` writes, of which most is known from the request before. */
export function isoTime(ms: number): string {
  if (!(ms >= second.startMs && ms < second.startMs + 1000)) {
    const startMs = Math.floor(ms / 1000) * 1000;
    second = { startMs, iso: new Date(startMs).toISOString().slice(0, -"000Z".length) };
  }
  return `${second.iso}${String(ms - second.startMs).padStart(3, "0")}Z`;
}
