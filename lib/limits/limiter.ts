import type { Config } from "#lib/config/config";
import type { Sql } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { guardedStore, STORE_DEADLINE_MS } from "./guarded-store";
import { libraryStore } from "./library-store";
import { memoryStore } from "./memory-store";
import { replicaCounter } from "./replicas";
import { type RateStore, RateStoreUnavailable } from "./store";
import { tcpRunner } from "./tcp-runner";
import { upstashRunner } from "./upstash-runner";
import type { RateWindow, Take, WindowState } from "./window";

/** What a request was given, or why not. */
export type Taken = {
  /** In the order of what was asked for. */
  states: readonly WindowState[];
  /**
   * Corrects the token windows once it is known how many tokens it was. Where the store is away the
   * estimate stands.
   * @returns how these windows stand now; never rejects
   */
  correct: (tokens: number) => Promise<WindowState[]>;
};

/** `replicas`: among how many the limits are shared out; null where all count in one Redis. */
export type LimiterHealth =
  | { configured: true; healthy: boolean; latencyMs: number | null; replicas: null }
  | { configured: false; replicas: number };

export type RateLimiter = {
  /** Requests per minute for a key or an app without any of its own; 0 for none. */
  defaultPerMinute: number;
  /**
   * Takes from all windows or from none.
   * @param allowLocal whether windows of this process alone will do while Redis is away
   * @throws RateStoreUnavailable if they will not
   */
  take: (takes: readonly Take[], options: { allowLocal: boolean }) => Promise<Taken>;
  /**
   * How windows stand, without taking from any.
   * @throws RateStoreUnavailable as above
   */
  peek: (windows: readonly RateWindow[], options: { allowLocal: boolean }) => Promise<WindowState[]>;
  health: () => Promise<LimiterHealth>;
  close: () => Promise<void>;
};

export type LimiterSettings = Partial<
  Pick<
    Config,
    "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN" | "REDIS_URL" | "RATE_LIMIT_REQUESTS_PER_MINUTE"
  >
>;

/**
 * Makes the limiter over the store that the settings name. Without one, and while it is away from those
 * whose organization goes on, each replica counts for itself and enforces its share.
 */
export function createRateLimiter(sql: Sql, settings: LimiterSettings): RateLimiter {
  const shared = sharedStore(settings);
  const local = memoryStore();
  const replicas = replicaCounter(sql);
  const sharesOf = async (takes: readonly Take[]) => {
    const alive = await replicas();
    return takes.map((take) => shareOf(take, alive));
  };
  /** Asks the shared store, else, where that is allowed, windows of this process alone. */
  const ask = async <Answer>(
    allowLocal: boolean,
    atShared: (store: RateStore) => Promise<Answer>,
    atLocal: () => Promise<Answer>,
  ): Promise<Answer> => {
    if (shared === null) return atLocal();
    try {
      return await atShared(shared);
    } catch (error) {
      if (!allowLocal || !(error instanceof RateStoreUnavailable)) throw error;
      return atLocal();
    }
  };

  return {
    defaultPerMinute: settings.RATE_LIMIT_REQUESTS_PER_MINUTE ?? 0,
    take: (takes, { allowLocal }) =>
      ask(
        allowLocal,
        (store) => takeFrom(store, takes),
        async () => takeFrom(local, await sharesOf(takes)),
      ),
    peek: (windows, { allowLocal }) =>
      ask(
        allowLocal,
        (store) => store.peek(windows),
        async () => {
          const shares = await sharesOf(windows.map((window) => ({ window, amount: 0 })));
          return local.peek(shares.map(({ window }) => window));
        },
      ),
    async health() {
      if (shared === null) return { configured: false, replicas: await replicas() };
      const askedAtMs = performance.now();
      const healthy = await shared.ping().then(
        () => true,
        () => false,
      );
      const latencyMs = healthy ? Math.round((performance.now() - askedAtMs) * 10) / 10 : null;
      return { configured: true, healthy, latencyMs, replicas: null };
    },
    close: async () => shared?.close(),
  };
}

/** Upstash where it is given, since that is what a serverless deployment can use; else Redis; else none. */
function sharedStore({
  UPSTASH_REDIS_REST_URL: url,
  UPSTASH_REDIS_REST_TOKEN: token,
  REDIS_URL,
}: LimiterSettings): RateStore | null {
  const runner =
    url !== undefined && token !== undefined
      ? upstashRunner(url, token, STORE_DEADLINE_MS)
      : REDIS_URL !== undefined
        ? tcpRunner(REDIS_URL)
        : null;
  if (runner === null) return null;
  return guardedStore(libraryStore(runner), ({ away, cause }) => {
    if (away) log.error({ err: cause }, "Redis is away: rate windows cannot be counted");
    else log.info("Redis is back");
  });
}

async function takeFrom(store: RateStore, takes: readonly Take[]): Promise<Taken> {
  const states = await store.take(takes);
  return {
    states,
    correct: async (tokens) => {
      const corrections = takes.flatMap(({ window, amount }) =>
        window.unit === "tokens" && amount !== tokens ? [{ window, amount: tokens - amount }] : [],
      );
      if (corrections.length === 0) return [];
      return store.correct(corrections).catch((error) => {
        if (error instanceof RateStoreUnavailable) return [];
        throw error;
      });
    },
  };
}

/** A replica's part of a limit, and of a request that only the whole would hold; nobody's part is nothing. */
function shareOf({ window, amount }: Take, replicas: number): Take {
  const limit = Math.max(1, Math.floor(window.limit / replicas));
  const share: RateWindow = { ...window, limit };
  return { window: share, amount: amount > window.limit ? amount : Math.min(amount, limit) };
}
