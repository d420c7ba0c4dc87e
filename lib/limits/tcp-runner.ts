import { Redis } from "ioredis";
import type { ScriptRunner } from "./library-store";

const LONGEST_RECONNECT_MS = 1_000;
/** A connection on which nothing comes back is made anew: the other end may be another machine by now. */
const SILENCE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * A Redis over TCP. While it is away commands fail at once instead of waiting, and none is sent twice.
 * @param url `redis://` or `rediss://`
 */
export function tcpRunner(url: string): ScriptRunner {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_RECONNECT_MS),
  });
  // Commands fail with no more than that there is no connection: why there is none is said here, once.
  let whyNot: unknown;
  redis.on("error", (error) => {
    whyNot = error;
  });
  const firstAttempt = new Promise<void>((resolve) => {
    for (const event of ["ready", "close", "end"]) redis.once(event, () => resolve());
  });

  return {
    isUpstash: false,
    async evalsha(hash, keys, args) {
      if (redis.status !== "ready") await firstAttempt;
      if (redis.status !== "ready") throw new Error("there is no connection to Redis", { cause: whyNot });
      return redis.evalsha(hash, keys.length, ...keys, ...args);
    },
    eval: (source, keys, args) => redis.eval(source, keys.length, ...keys, ...args),
    close: async () => redis.disconnect(),
  };
}
