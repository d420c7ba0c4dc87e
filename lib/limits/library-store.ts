import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import type { RateStore } from "./store";
import type { RateWindow, Take, WindowState } from "./window";
import { LIBRARY_OPTIONS, type ScriptCall, scriptCall, windowScripts } from "./window-script";
import { bucketState, refillEveryMs, slidingState, unitsPerToken } from "./window-state";

/** A connection to a Redis: over TCP (tcp-runner.ts) or Upstash's REST (upstash-runner.ts). */
export type ScriptRunner = {
  isUpstash: boolean;
  /** @throws an error with NOSCRIPT in its message if Redis does not know the script */
  evalsha: (hash: string, keys: string[], args: string[]) => Promise<unknown>;
  eval: (source: string, keys: string[], args: string[]) => Promise<unknown>;
  close: () => Promise<void>;
};

/** A script call that the library makes, and where its reply goes. */
type CollectedCall = ScriptCall & { answer: (answers: unknown[], index: number) => void };

/** How many limiters are cached; there is one per kind of window and limit. */
const MOST_LIMITERS = 10_000;

/**
 * Windows in a Redis that all replicas share, as `@upstash/ratelimit` counts them: sliding windows for
 * requests, token buckets for tokens. The calls that the library would send one by one are joined into one
 * script, and so into one round trip per request (window-script.ts).
 */
export function libraryStore(runner: ScriptRunner): RateStore {
  const scripts = windowScripts(runner);
  const limiters = new Map<string, Ratelimit>();
  let collected: CollectedCall[] = [];
  const collector = new Redis({
    request: ({ body }) =>
      new Promise((resolve) => {
        const answer = (answers: unknown[], index: number) => {
          const one = answers[index];
          resolve({ result: Array.isArray(one) ? one[0] : undefined });
        };
        collected.push({ ...scriptCall(body), answer });
      }),
  });

  const limiterOf = (window: RateWindow): Ratelimit => {
    const { unit, limit, seconds } = window;
    const name = `${unit} ${limit} ${seconds}`;
    const known = limiters.get(name);
    if (known) return known;
    if (limiters.size >= MOST_LIMITERS) limiters.clear();
    const limiter =
      unit === "requests"
        ? Ratelimit.slidingWindow(limit, `${seconds} s`)
        : Ratelimit.tokenBucket(limit, `${refillEveryMs(window)} ms`, limit * unitsPerToken(window));
    const created = new Ratelimit({ redis: collector, limiter, ...LIBRARY_OPTIONS });
    limiters.set(name, created);
    return created;
  };

  const run = async (keys: string[], args: string[]): Promise<unknown[]> => {
    const { joined } = await scripts;
    const reply = await runner.evalsha(joined.hash, keys, args).catch((error) => {
      if (!String(error).includes("NOSCRIPT")) throw error;
      return runner.eval(joined.source, keys, args);
    });
    if (!Array.isArray(reply)) throw new Error("the window script's reply is not a list");
    return reply;
  };

  const store: RateStore = {
    async take(takes) {
      const { kindOf } = await scripts;
      collected = [];
      // The library calls Redis synchronously: after this line all calls have been collected.
      const verdicts = takes.map(({ window, amount }) =>
        limiterOf(window).limit(window.key, { rate: unitsOf(window, amount) }),
      );
      const calls = collected;
      const answers = await run(
        calls.flatMap(({ keys }) => keys),
        calls.flatMap(({ script, keys, args }) => [
          kindOf(script),
          String(keys.length),
          String(args.length),
          ...args,
        ]),
      );
      calls.forEach(({ answer }, index) => {
        answer(answers, index);
      });
      const fits = (await Promise.all(verdicts)).map(({ success }) => success);
      return takes.map((take, index) =>
        stateOf(take, fits[index] ?? false, answers[index], nowOf(calls[index])),
      );
    },

    async correct(takes) {
      const nowMs = Date.now();
      const keys = takes.flatMap(({ window }) => keysOf(window, nowMs));
      const answers = await run(
        keys,
        takes.flatMap((take) => argumentsOf("correction", take, nowMs)),
      );
      return takes.map((take, index) => stateOf(take, true, answers[index], nowMs));
    },

    async peek(windows) {
      const nowMs = Date.now();
      const answers = await run(
        windows.flatMap((window) => keysOf(window, nowMs)),
        windows.flatMap((window) => {
          const kind = window.unit === "tokens" ? "bucketPeek" : "slidingPeek";
          return argumentsOf(kind, { window, amount: 0 }, nowMs);
        }),
      );
      return windows.map((window, index) => stateOf({ window, amount: 0 }, true, answers[index], nowMs));
    },

    async ping() {
      await store.take([{ window: PING_WINDOW, amount: 1 }]);
    },
    close: runner.close,
  };
  return store;
}

/** The window that a ping counts in: if this one works, all do. */
const PING_WINDOW: RateWindow = {
  key: "{probe}:requests:1",
  scope: "organization",
  unit: "requests",
  limit: 1_000_000,
  seconds: 1,
};

/** The keys under which the library keeps a window. */
function keysOf({ key, unit, seconds }: RateWindow, nowMs: number): string[] {
  const kept = `${LIBRARY_OPTIONS.prefix}:${key}`;
  if (unit === "tokens") return [kept];
  const current = Math.floor(nowMs / (seconds * 1000));
  return [`${kept}:${current}`, `${kept}:${current - 1}`];
}

/** A call of one of our own kinds (window-script.ts), with the arguments of a bucket. */
function argumentsOf(kind: string, { window, amount }: Take, nowMs: number): string[] {
  const { limit } = window;
  const capacity = limit * unitsPerToken(window);
  const numbers = [capacity, refillEveryMs(window), limit, nowMs, unitsOf(window, amount)];
  return [kind, String(keysOf(window, nowMs).length), String(numbers.length), ...numbers.map(String)];
}

const unitsOf = (window: RateWindow, amount: number): number =>
  window.unit === "tokens" ? amount * unitsPerToken(window) : amount;

/** The time that the library passed: the fourth argument of a bucket, the second of a sliding window. */
function nowOf(call: ScriptCall | undefined): number {
  return Number(call?.args.length === 5 ? call.args[3] : call?.args[1]);
}

/** @param answer the library's reply, and the two numbers that hold the window's state */
function stateOf(take: Take, fits: boolean, answer: unknown, nowMs: number): WindowState {
  const [, first, second] = Array.isArray(answer) ? answer.map(Number) : [];
  if (first === undefined || second === undefined)
    throw new Error("the window script returned no state for a window");
  return take.window.unit === "requests"
    ? slidingState(take, fits, { current: first, previous: second }, nowMs)
    : bucketState(take, fits, { units: first, refilledAtMs: second }, nowMs);
}
