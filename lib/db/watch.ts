import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Connections } from "./connections";
import { codeOf, DatabaseUnavailable, isDatabaseUnavailable } from "./unavailable";

/** Tracks whether the database is available. */
export type DatabaseWatch = {
  /** True from when the database is found unavailable until it answers again. */
  isUnavailable: () => boolean;
  /** Returns within half a second whether the database is available. Probes it unless it is known to be unavailable. */
  check: () => Promise<boolean>;
  /**
   * Makes a call with a deadline. A busy database gets all of `deadlineMs`; an unavailable one is detected long before
   * that, and gets no calls until it is available again.
   * @throws DatabaseUnavailable, or the call's error
   */
  within: <T>(call: () => Promise<T>, deadlineMs: number) => Promise<T>;
  /** Resolves when the database is available. */
  untilAvailable: () => Promise<void>;
  /** Calls `listener` each time the database becomes available again. */
  onAvailable: (listener: () => void) => void;
  stop: () => void;
};

export type WatchedDatabase = {
  /** Queries the database; rejects if it is unavailable or read-only. */
  probe: () => Promise<void>;
  /** Closes the probe's connection, and with it a pending probe. */
  endProbe: () => void;
  /** The connections that calls use. */
  connections: Connections;
  /** Called once when the database becomes unavailable, and once when it is available again. */
  onChange: (isUnavailable: boolean, error: unknown) => void;
};

/** A call that takes longer triggers a check: */
const SLOW_AFTER_MS = 100;
/** first whether the database sends anything, */
const LISTEN_MS = 100;
/** then whether it answers a probe. In total well below a second. */
const PROBE_MS = 500;
/** Longer than the credit functions wait for a lock: a connection that is silent for this long is closed. */
const SILENT_FOR_MS = 1_500;
/** While the database is unavailable; a frozen one answers the pending probe as soon as it continues. */
const PROBE_WHILE_UNAVAILABLE_MS = 2_000;
const PROBE_AGAIN_AFTER_MS = 100;
/** Waits consist of slices: when this process itself is frozen, one of them passes and not all. */
const SLICE_MS = 100;
/** A database that has no free connections is available. */
const TOO_MANY_CONNECTIONS = "53300";

/** Two probes in a row: the second may get the connection of the first, which is being closed. */
const CLOSED = /^CONNECTION_(?:CLOSED|DESTROYED)$/;

type Answer = "available" | "unavailable" | "silent";

/**
 * Watches a database. A slow one counts as available: only one that refuses connections, or sends nothing on any
 * connection for more than half a second, is unavailable. Its connections are then closed, since some may never answer
 * again, and it is probed until it answers.
 */
export function watchDatabase({ probe, endProbe, connections, onChange }: WatchedDatabase): DatabaseWatch {
  let outage: { over: Promise<void> } | null = null;
  let checking: Promise<boolean> | null = null;
  let stopped = false;
  const listeners: (() => void)[] = [];

  async function probeFor(patienceMs: number): Promise<{ answer: Answer; error?: unknown }> {
    const state: { answer: Answer; error?: unknown } = { answer: "silent" };
    const probed = probe()
      .catch((error) => (CLOSED.test(codeOf(error)) ? probe() : Promise.reject(error)))
      .then(
        () => {
          state.answer = "available";
        },
        (error) => {
          const isAvailable = !isDatabaseUnavailable(error) || codeOf(error) === TOO_MANY_CONNECTIONS;
          state.answer = isAvailable ? "available" : "unavailable";
          state.error = error;
        },
      );
    for (let waitedMs = 0; waitedMs < patienceMs && state.answer === "silent"; waitedMs += SLICE_MS) {
      await Promise.race([probed, sleep(SLICE_MS, undefined, { ref: false })]);
    }
    // Read what arrived while this process was busy before calling the database silent.
    if (state.answer === "silent") await nextTurn();
    const found = { ...state };
    endProbe();
    return found;
  }

  /** @param listenFirst so that many slow calls do not become as many probes */
  async function probeOnce(listenFirst: boolean): Promise<boolean> {
    const before = connections.received();
    for (let waitedMs = 0; listenFirst && waitedMs < LISTEN_MS; waitedMs += SLICE_MS) {
      await sleep(SLICE_MS, undefined, { ref: false });
      if (connections.received() > before) return true;
    }
    const { answer, error } = await probeFor(PROBE_MS);
    if (stopped || answer === "available") return true;
    if (answer === "silent" && connections.received() > before) return true;
    outage = { over: probeUntilAvailable() };
    onChange(true, error);
    connections.cut();
    return false;
  }

  async function probeUntilAvailable(): Promise<void> {
    while (!stopped) {
      await sleep(PROBE_AGAIN_AFTER_MS, undefined, { ref: false });
      const { answer } = await probeFor(PROBE_WHILE_UNAVAILABLE_MS);
      if (answer === "available") break;
    }
    outage = null;
    if (stopped) return;
    onChange(false, null);
    for (const listener of listeners) listener();
  }

  async function check(listenFirst = false): Promise<boolean> {
    // The result of a pending check may predate the reason for this one.
    if (!listenFirst && checking !== null && !(await checking)) return false;
    if (outage !== null) return false;
    checking ??= probeOnce(listenFirst).finally(() => {
      checking = null;
    });
    return checking;
  }

  function within<T>(call: () => Promise<T>, deadlineMs: number): Promise<T> {
    if (outage !== null) return Promise.reject(new DatabaseUnavailable("the database is unavailable", false));
    return new Promise<T>((resolve, reject) => {
      let timer = setTimeout(onSlow, Math.min(SLOW_AFTER_MS, deadlineMs));
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
          if (isDatabaseUnavailable(error)) void check();
          reject(error);
        },
      );

      function onSlow(): void {
        const cutSilent = connections.watchSilence();
        const silentAfterMs = Math.min(SILENT_FOR_MS, deadlineMs) - SLOW_AFTER_MS;
        timer = setTimeout(() => {
          cutSilent();
          timer = setTimeout(
            () => giveUpCall("did not answer in time"),
            Math.max(0, deadlineMs - SILENT_FOR_MS),
          );
        }, silentAfterMs);
        void check(true).then((isAvailable) => {
          if (!isAvailable) giveUpCall("is unavailable");
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
    isUnavailable: () => outage !== null,
    check: () => check(),
    within,
    untilAvailable: () => outage?.over ?? Promise.resolve(),
    onAvailable: (listener) => {
      listeners.push(listener);
    },
    stop: () => {
      stopped = true;
      endProbe();
    },
  };
}
