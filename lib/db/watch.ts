import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Connections } from "./connections";
import { codeOf, DatabaseUnavailable, isDatabaseAway } from "./unavailable";

/** What knows whether the database is there. */
export type DatabaseWatch = {
  /** True from the moment that it was found away until it answers again. */
  isAway: () => boolean;
  /** Answers whether it is there, within half a second: asks it, unless it is known to be away. */
  check: () => Promise<boolean>;
  /**
   * Makes a call with a deadline. A busy database is given `deadlineMs`; one that is away is found out long before
   * that, and is not called at all while it is known to be.
   * @throws DatabaseUnavailable, or what the call throws
   */
  within: <T>(call: () => Promise<T>, deadlineMs: number) => Promise<T>;
  /** Resolves when it is there. */
  back: () => Promise<void>;
  /** Calls `listener` each time that it comes back. */
  onBack: (listener: () => void) => void;
  stop: () => void;
};

export type WatchedDatabase = {
  /** Asks the database for a sign of life; rejects where it is not there or takes no writes. */
  ask: () => Promise<void>;
  /** Ends the connection that was asked by, and with it what is still open. */
  hangUp: () => void;
  /** The connections that the calls go by. */
  connections: Connections;
  /** Told once when it is found away, and once when it is back. */
  onChange: (away: boolean, error: unknown) => void;
};

/** A call that takes longer makes us look whether the database is there at all: */
const IMPATIENT_AFTER_MS = 100;
/** first for anything that comes from it, */
const LISTEN_MS = 100;
/** then by asking it. In all, well below a second. */
const PROBE_MS = 500;
/** Longer than the credit functions wait for a lock: a connection on which nothing comes is cut then. */
const SILENT_FOR_MS = 1_500;
/** While it is away; a frozen one answers the open question as soon as it goes on. */
const PROBE_WHILE_AWAY_MS = 2_000;
const ASK_AGAIN_AFTER_MS = 100;
/** Waiting is done in slices: when this process itself stands still, one is over and not all. */
const SLICE_MS = 100;
/** It has all the connections it allows: that it says so means that it is there. */
const TOO_MANY_CONNECTIONS = "53300";

type Answer = "there" | "away" | "silent";

/**
 * Makes the watch over a database. Slowness is no absence: it counts as away when it refuses, or when it says
 * nothing at all, on any connection, for more than half a second. Then its connections are cut, since some may never
 * answer again, and it is asked until it answers.
 */
export function watchDatabase({ ask, hangUp, connections, onChange }: WatchedDatabase): DatabaseWatch {
  let absence: { over: Promise<void> } | null = null;
  let checking: Promise<boolean> | null = null;
  let stopped = false;
  const listeners: (() => void)[] = [];

  async function answerWithin(patienceMs: number): Promise<{ answer: Answer; error?: unknown }> {
    const state: { answer: Answer; error?: unknown } = { answer: "silent" };
    const asked = ask().then(
      () => {
        state.answer = "there";
      },
      (error) => {
        const isThere = !isDatabaseAway(error) || codeOf(error) === TOO_MANY_CONNECTIONS;
        state.answer = isThere ? "there" : "away";
        state.error = error;
      },
    );
    for (let waitedMs = 0; waitedMs < patienceMs && state.answer === "silent"; waitedMs += SLICE_MS) {
      await Promise.race([asked, sleep(SLICE_MS, undefined, { ref: false })]);
    }
    // What has arrived while this process was busy is read before it counts as silence.
    if (state.answer === "silent") await nextTurn();
    const found = { ...state };
    hangUp();
    return found;
  }

  /** @param listening whether to listen first: many slow calls must not become as many questions */
  async function judge(listening: boolean): Promise<boolean> {
    const before = connections.received();
    for (let waitedMs = 0; listening && waitedMs < LISTEN_MS; waitedMs += SLICE_MS) {
      await sleep(SLICE_MS, undefined, { ref: false });
      if (connections.received() > before) return true;
    }
    const { answer, error } = await answerWithin(PROBE_MS);
    if (stopped || answer === "there") return true;
    if (answer === "silent" && connections.received() > before) return true;
    absence = { over: waitForReturn() };
    onChange(true, error);
    connections.cut();
    return false;
  }

  async function waitForReturn(): Promise<void> {
    while (!stopped) {
      await sleep(ASK_AGAIN_AFTER_MS, undefined, { ref: false });
      const { answer } = await answerWithin(PROBE_WHILE_AWAY_MS);
      if (answer === "there") break;
    }
    absence = null;
    if (stopped) return;
    onChange(false, null);
    for (const listener of listeners) listener();
  }

  async function check(listening = false): Promise<boolean> {
    // An answer that is on its way may be from before there was reason to ask.
    if (!listening && checking !== null && !(await checking)) return false;
    if (absence !== null) return false;
    checking ??= judge(listening).finally(() => {
      checking = null;
    });
    return checking;
  }

  function within<T>(call: () => Promise<T>, deadlineMs: number): Promise<T> {
    if (absence !== null) return Promise.reject(new DatabaseUnavailable("the database is away", false));
    return new Promise<T>((resolve, reject) => {
      let timer = setTimeout(impatient, Math.min(IMPATIENT_AFTER_MS, deadlineMs));
      let done = false;
      const end = () => {
        done = true;
        clearTimeout(timer);
      };
      call().then(
        (value) => {
          end();
          resolve(value);
        },
        (error) => {
          end();
          if (isDatabaseAway(error)) void check();
          reject(error);
        },
      );

      function impatient(): void {
        const cutSilent = connections.watchSilence();
        const silentAfterMs = Math.min(SILENT_FOR_MS, deadlineMs) - IMPATIENT_AFTER_MS;
        timer = setTimeout(() => {
          cutSilent();
          timer = setTimeout(
            () => giveUpCall("did not answer in time"),
            Math.max(0, deadlineMs - SILENT_FOR_MS),
          );
        }, silentAfterMs);
        void check(true).then((there) => {
          if (!there) giveUpCall("is away");
        });
      }

      function giveUpCall(why: string): void {
        if (done) return;
        end();
        reject(new DatabaseUnavailable(`the database ${why}`, true));
      }
    });
  }

  return {
    isAway: () => absence !== null,
    check: () => check(),
    within,
    back: () => absence?.over ?? Promise.resolve(),
    onBack: (listener) => {
      listeners.push(listener);
    },
    stop: () => {
      stopped = true;
      hangUp();
    },
  };
}
