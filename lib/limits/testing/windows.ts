import { randomUUID } from "node:crypto";
import type { RateWindow } from "#lib/limits/window";

/** A window of requests, by default of a new key. */
export function requestWindow(limit: number, seconds = 60, key: string = randomUUID()): RateWindow {
  return { key, scope: "api_key", unit: "requests", limit, seconds };
}

/** A bucket of tokens, by default per minute and of a new key. */
export function tokenWindow(limit: number, key: string = randomUUID(), seconds = 60): RateWindow {
  return { key, scope: "api_key", unit: "tokens", limit, seconds };
}
