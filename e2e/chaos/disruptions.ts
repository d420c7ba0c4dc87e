import { setTimeout as sleep } from "node:timers/promises";
import type { EmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { type Fleet, LEASE_SECONDS } from "./fleet";
import { Discrepancy } from "./polls";
import type { Random } from "./random";

export type Disruptions = {
  counts: Record<"killed" | "restarted" | "frozen" | "database", number>;
  /** Stops disrupting and waits until everything runs again. */
  stop(): Promise<void>;
};

const EVERY_MS = 2_500;
/** The supervisor gives up on a database that ends more than five times a minute. */
const DATABASE_EVERY_MS = 14_000;
const FROZEN_FOR_MS = LEASE_SECONDS * 1_000 + 3_000;

type Kind = keyof Disruptions["counts"];
/** The first disruptions, so that a short run covers every kind. */
const FIRST: readonly Kind[] = ["killed", "frozen", "database", "killed", "restarted", "killed"];
const LATER: readonly Kind[] = ["killed", "killed", "killed", "database", "restarted", "frozen"];

/**
 * Disrupts something every few seconds: kills a gateway (-9), restarts it gracefully, freezes it for longer than its
 * lease, or stops PostgreSQL as `-m immediate` does, after which it recovers.
 */
export function startDisruptions(
  fleet: Fleet,
  postgres: EmbeddedPostgres,
  random: Random,
  onFailure: (error: unknown) => void,
): Disruptions {
  const counts = { killed: 0, restarted: 0, frozen: 0, database: 0 };
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const busy = new Set<number>();
  let databaseAtMs = 0;

  async function run(): Promise<void> {
    for (let round = 0; !stopping.signal.aborted; round++) {
      await pause(EVERY_MS * (0.6 + 0.8 * random.next()));
      if (stopping.signal.aborted) return;
      const kind = FIRST[round] ?? random.pick(LATER);
      const place = random.whole(0, fleet.places - 1);
      const task = disrupt(kind, place).catch(onFailure);
      running.add(task);
      void task.finally(() => running.delete(task));
    }
  }

  async function disrupt(kind: Kind, wanted: number): Promise<void> {
    if (kind === "database" && Date.now() - databaseAtMs > DATABASE_EVERY_MS) return restartDatabase();
    const place = Array.from({ length: fleet.places }, (_, at) => (wanted + at) % fleet.places).find(
      (candidate) => !busy.has(candidate) && fleet.isUp(candidate),
    );
    // One always keeps running, so that there is work for the others' deaths to interrupt.
    if (place === undefined || busy.size >= fleet.places - 1) return;
    busy.add(place);
    try {
      if (kind === "frozen") await freeze(place);
      else if (kind === "restarted") await restart(place);
      else await kill(place);
    } finally {
      busy.delete(place);
    }
  }

  async function kill(place: number): Promise<void> {
    await fleet.kill(place);
    counts.killed += 1;
    await pause(random.whole(0, 1_000));
    await fleet.start(place);
  }

  async function restart(place: number): Promise<void> {
    const code = await fleet.stop(place);
    if (code !== 0) throw new Discrepancy(`a stopped gateway exited with ${code}`);
    counts.restarted += 1;
    await fleet.start(place);
  }

  async function freeze(place: number): Promise<void> {
    fleet.freeze(place);
    counts.frozen += 1;
    await pause(FROZEN_FOR_MS);
    fleet.thaw(place);
  }

  async function restartDatabase(): Promise<void> {
    databaseAtMs = Date.now();
    process.kill(postgres.pid(), "SIGQUIT");
    counts.database += 1;
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
  const loop = run();
  return {
    counts,
    stop: async () => {
      stopping.abort();
      await loop;
      while (running.size > 0) await Promise.all(running);
    },
  };
}
