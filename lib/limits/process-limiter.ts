import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { hotSql } from "#lib/db/client";
import { createRateLimiter, type RateLimiter } from "./limiter";

/** The process's limiter: both mounts must share the windows in memory. */
export function rateLimiter(): RateLimiter {
  return oncePerProcess("rate-limiter", () => createRateLimiter(hotSql(), config()));
}
