import { Redis } from "@upstash/redis";
import type { ScriptRunner } from "./library-store";

/**
 * Upstash's Redis over REST. Calls in the same tick share one HTTP request.
 * @param deadlineMs how long to wait for an answer
 */
export function upstashRunner(url: string, token: string, deadlineMs: number): ScriptRunner {
  const redis = new Redis({
    url,
    token,
    retry: false,
    readYourWrites: false,
    enableTelemetry: false,
    enableAutoPipelining: true,
    signal: () => AbortSignal.timeout(deadlineMs),
  });
  return {
    isUpstash: true,
    evalsha: (hash, keys, args) => redis.evalsha(hash, keys, args),
    eval: (source, keys, args) => redis.eval(source, keys, args),
    close: async () => {},
  };
}
