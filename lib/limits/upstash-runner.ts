import { Redis } from "@upstash/redis";
import type { ScriptRunner } from "./library-store";

/**
 * Upstash's Redis over REST; requests of the same moment share one HTTP request.
 * @param deadlineMs when to give up on an answer
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
