import type { UpstreamAnswer } from "#lib/providers/wire";

type Headers = UpstreamAnswer["headers"];

const UNIT_S: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, "": 1 };

/** How long a provider asks to wait, by its headers; null if they do not say. */
export function secondsInHeaders(headers: Headers): number | null {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  const seconds = retryAfterSeconds(headers["retry-after"]);
  return seconds ?? (milliseconds > 0 ? Math.ceil(milliseconds / 1000) : null);
}

/** How long a provider asks to wait, by the body: Google's `retryDelay`, `retry_after`, or OpenAI's words. */
export function secondsInBody(text: string): number | null {
  const [, delay, unit = ""] =
    /"(?:retryDelay|retry_?after(?:_seconds)?)"\s{0,8}:\s{0,8}"?(\d{1,6}(?:\.\d{1,9})?)(s?)"?/i.exec(text) ??
    /\btry again in (\d{1,6}(?:\.\d{1,9})?) ?(ms|s|m)\w{0,10}\b/i.exec(text) ??
    [];
  return delay === undefined ? null : Math.ceil(Number(delay) * (UNIT_S[unit.toLowerCase()] ?? 1));
}

/** Reads seconds or a date, the two forms that HTTP allows (RFC 9110 §10.2.3). */
function retryAfterSeconds(value: string | string[] | undefined): number | null {
  if (typeof value !== "string") return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
