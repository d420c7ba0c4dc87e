import { Redis } from "ioredis";
import type { ScriptRunner } from "./library-store";

const LONGEST_RECONNECT_MS = 1_000;
/** A connection without a reply for this long is replaced: the other end may be another machine by now. */
const SILENCE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * A Redis over TCP. Without a connection, commands fail at once instead of waiting; none is sent twice.
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
  // A failed command does not say why there is no connection; this event does, once.
  let connectionError: unknown;
  redis.on("error", (error) => {
    connectionError = error;
  });
  const firstAttempt = new Promise<void>((resolve) => {
    for (const event of ["ready", "close", "end"]) redis.once(event, () => resolve());
  });

  return {
    isUpstash: false,
    async evalsha(hash, keys, args) {
      if (redis.status !== "ready") await firstAttempt;
      if (redis.status !== "ready") throw new Error("no connection to Redis", { cause: connectionError });
      return redis.evalsha(hash, keys.length, ...keys, ...args);
    },
    eval: (source, keys, args) => redis.eval(source, keys.length, ...keys, ...args),
    close: async () => redis.disconnect(),
  };
}
