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
import type { DefaultLimits, RateWindow, Take, WindowState } from "./window";

/** The result of taking from windows. */
export type Taken = {
  /** In the order of the takes. */
  states: readonly WindowState[];
  /**
   * Corrects the token windows once the number of tokens is known. While the store is unavailable, the
   * estimate remains.
   * @returns the new state of these windows; never rejects
   */
  correct: (tokens: number) => Promise<WindowState[]>;
};

/** `replicas`: how many share the limits; null if all of them count in one Redis. */
export type LimiterHealth =
  | { configured: true; healthy: boolean; latencyMs: number | null; replicas: null }
  | { configured: false; replicas: number };

export type RateLimiter = {
  defaults: DefaultLimits;
  /**
   * Takes from all windows or from none.
   * @param allowLocal whether to count in this process alone while Redis is unavailable
   * @throws RateStoreUnavailable if that is not allowed
   */
  take: (takes: readonly Take[], options: { allowLocal: boolean }) => Promise<Taken>;
  /**
   * The state of windows, without taking from any.
   * @throws RateStoreUnavailable as `take` does
   */
  peek: (windows: readonly RateWindow[], options: { allowLocal: boolean }) => Promise<WindowState[]>;
  health: () => Promise<LimiterHealth>;
  close: () => Promise<void>;
};

export type LimiterSettings = Partial<
  Pick<
    Config,
    | "UPSTASH_REDIS_REST_URL"
    | "UPSTASH_REDIS_REST_TOKEN"
    | "REDIS_URL"
    | "RATE_LIMIT_REQUESTS_PER_MINUTE"
    | "RATE_LIMIT_WINDOWS"
  >
>;

/**
 * Creates the limiter over the store that the settings name. Without a store, or while it is unavailable and
 * the organization fails open, each replica counts on its own and enforces its share.
 */
export function createRateLimiter(sql: Sql, settings: LimiterSettings): RateLimiter {
  const shared = sharedStore(settings);
  const local = memoryStore();
  const replicas = replicaCounter(sql);
  const sharesOf = async (takes: readonly Take[]) => {
    const alive = await replicas();
    return takes.map((take) => shareOf(take, alive));
  };
  /** Asks the shared store, or else, if allowed, the windows of this process. */
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
    defaults: {
      perMinute: settings.RATE_LIMIT_REQUESTS_PER_MINUTE ?? 0,
      windows: settings.RATE_LIMIT_WINDOWS ?? [],
    },
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

/** Upstash takes precedence, since serverless deployments cannot use Redis over TCP; null without either. */
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
  return guardedStore(libraryStore(runner), ({ available, cause }) => {
    if (available) log.info("Redis is available again");
    else log.error({ err: cause }, "Redis is unavailable: rate windows cannot be counted");
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

/**
 * A replica's share of a limit, at least 1. An amount that fits the whole limit but not the share takes the
 * whole share.
 */
function shareOf({ window, amount }: Take, replicas: number): Take {
  const limit = Math.max(1, Math.floor(window.limit / replicas));
  const share: RateWindow = { ...window, limit };
  return { window: share, amount: amount > window.limit ? amount : Math.min(amount, limit) };
}
