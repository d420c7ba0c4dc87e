import { type RateStore, RateStoreUnavailable } from "./store";

/** No request waits longer for a store than this, a late event loop included in the 250 ms that are promised. */
export const STORE_DEADLINE_MS = 200;
/** Waiting is done in slices: when this process itself stands still, one is over and not all. */
const SLICES = 2;
/** After so many failures in a row, requests do not try any more… */
const FAILURES_IN_A_ROW = 3;
/** …and the store is asked by itself, so often, whether it is back. */
const TRIAL_EVERY_MS = 500;
/** Where that does not happen, since a function is frozen between its requests, these find out. */
const TRIAL_OVERDUE_MS = 1_500;

/**
 * A store that may be away. It answers or throws in time, and once it is known to be away it throws at
 * once, until it can count again: nobody has to be refused, or to wait, for that to be found out.
 * @param onChange told when it is found away, and when it is back
 * @throws RateStoreUnavailable from every function
 */
export function guardedStore(
  store: RateStore,
  onChange: (change: { away: boolean; cause?: unknown }) => void,
): RateStore {
  let failures = 0;
  let overdueAtMs = 0;
  let trial: NodeJS.Timeout | undefined;
  let closed = false;

  const attempt = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await inTime(ask());
      if (failures >= FAILURES_IN_A_ROW) onChange({ away: false });
      failures = 0;
      return answer;
    } catch (cause) {
      failures += 1;
      if (failures === FAILURES_IN_A_ROW) {
        onChange({ away: true, cause });
        tryLater();
      }
      throw new RateStoreUnavailable("the rate windows' store does not answer", { cause });
    }
  };
  const tryLater = (): void => {
    if (closed) return;
    overdueAtMs = performance.now() + TRIAL_OVERDUE_MS;
    clearTimeout(trial);
    trial = setTimeout(() => void attempt(store.ping).catch(tryLater), TRIAL_EVERY_MS).unref();
  };
  const attemptUnlessAway = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const isAway = failures >= FAILURES_IN_A_ROW && performance.now() < overdueAtMs;
    return isAway
      ? Promise.reject(new RateStoreUnavailable("the rate windows' store is away"))
      : attempt(ask);
  };

  return {
    take: (takes) => attemptUnlessAway(() => store.take(takes)),
    correct: (takes) => attemptUnlessAway(() => store.correct(takes)),
    peek: (windows) => attemptUnlessAway(() => store.peek(windows)),
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
      // After a long turn of the event loop the answer may be there already, unread: it goes first.
      return setTimeout(() => (left > 0 ? waitOn() : setImmediate(tooLate)), STORE_DEADLINE_MS / SLICES);
    };
    let timer = wait();
    const waitOn = () => {
      timer = wait();
    };
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
