import { type RateStore, RateStoreUnavailable } from "./store";

/** The longest that a request waits for a store; the promised 250 ms leave room for a late event loop. */
export const STORE_DEADLINE_MS = 200;
/** Waiting is done in slices: a pause of this process uses up one slice rather than the whole wait. */
const SLICES = 2;
/** After this many failures in a row, requests stop trying… */
const FAILURES_IN_A_ROW = 3;
/** …and the store is probed in the background at this interval. */
const TRIAL_EVERY_MS = 500;
/** When the probe is overdue (a serverless function is frozen between requests), requests try again. */
const TRIAL_OVERDUE_MS = 1_500;

/**
 * Wraps a store that may become unavailable. Calls answer or throw within the deadline; while the store is
 * known to be unavailable they throw at once. Recovery is detected in the background, at no request's cost.
 * @param onChange called when the store becomes unavailable, and when it recovers
 * @throws RateStoreUnavailable from every function
 */
export function guardedStore(
  store: RateStore,
  onChange: (change: { available: boolean; cause?: unknown }) => void,
): RateStore {
  let failures = 0;
  let overdueAtMs = 0;
  let trial: NodeJS.Timeout | undefined;
  let closed = false;

  const attempt = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await inTime(ask());
      if (failures >= FAILURES_IN_A_ROW) onChange({ available: true });
      failures = 0;
      return answer;
    } catch (cause) {
      failures += 1;
      if (failures === FAILURES_IN_A_ROW) {
        onChange({ available: false, cause });
        tryLater();
      }
      throw new RateStoreUnavailable("the store of the rate windows does not answer", { cause });
    }
  };
  const tryLater = (): void => {
    if (closed) return;
    overdueAtMs = performance.now() + TRIAL_OVERDUE_MS;
    clearTimeout(trial);
    trial = setTimeout(() => void attempt(store.ping).catch(tryLater), TRIAL_EVERY_MS).unref();
  };
  const attemptIfAvailable = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const isUnavailable = failures >= FAILURES_IN_A_ROW && performance.now() < overdueAtMs;
    return isUnavailable
      ? Promise.reject(new RateStoreUnavailable("the store of the rate windows is unavailable"))
      : attempt(ask);
  };

  return {
    take: (takes) => attemptIfAvailable(() => store.take(takes)),
    correct: (takes) => attemptIfAvailable(() => store.correct(takes)),
    peek: (windows) => attemptIfAvailable(() => store.peek(windows)),
    ping: () => attempt(store.ping),
    close: () => {
      closed = true;
      clearTimeout(trial);
      return store.close();
    },
  };
}

function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new Error(`no answer within ${STORE_DEADLINE_MS} ms`));
    let left = SLICES;
    const wait = () => {
      left -= 1;
      // After a long turn of the event loop the answer may have arrived unread: let it win.
      return setTimeout(() => (left > 0 ? waitOn() : setImmediate(tooLate)), STORE_DEADLINE_MS / SLICES);
    };
    let timer = wait();
    const waitOn = () => {
      timer = wait();
    };
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
