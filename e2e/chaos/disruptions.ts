import { setTimeout as sleep } from "node:timers/promises";
import type { EmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { type Fleet, LEASE_SECONDS } from "./fleet";
import { Discrepancy } from "./polls";
import type { Random } from "./random";

export type Disruptions = {
  counts: Record<"killed" | "restarted" | "frozen" | "database", number>;
  /** Ends them, and lets everything come up again. */
  stop(): Promise<void>;
};

const EVERY_MS = 2_500;
/** The supervisor gives a database up that ends more than five times in a minute. */
const DATABASE_EVERY_MS = 14_000;
const FROZEN_FOR_MS = LEASE_SECONDS * 1_000 + 3_000;

type Kind = keyof Disruptions["counts"];
/** The first of each kind come in this order, so that a short run has seen them all. */
const FIRST: readonly Kind[] = ["killed", "frozen", "database", "killed", "restarted", "killed"];
const LATER: readonly Kind[] = ["killed", "killed", "killed", "database", "restarted", "frozen"];

/**
 * Every few seconds, one thing goes wrong: a gateway is killed (-9), restarted in order or frozen for longer than
 * its lease, or PostgreSQL is shut down as `-m immediate` does and recovers.
 */
export function startDisruptions(
  fleet: Fleet,
  postgres: EmbeddedPostgres,
  random: Random,
  onFailure: (error: unknown) => void,
): Disruptions {
  const counts = { killed: 0, restarted: 0, frozen: 0, database: 0 };
  const over = new AbortController();
  const underWay = new Set<Promise<void>>();
  const busy = new Set<number>();
  let databaseAtMs = 0;

  async function run(): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn++) {
      await pause(EVERY_MS * (0.6 + 0.8 * random.next()));
      if (over.signal.aborted) return;
      const kind = FIRST[turn] ?? random.pick(LATER);
      const place = random.whole(0, fleet.places - 1);
      const task = disrupt(kind, place).catch(onFailure);
      underWay.add(task);
      void task.finally(() => underWay.delete(task));
    }
  }

  async function disrupt(kind: Kind, wanted: number): Promise<void> {
    if (kind === "database" && Date.now() - databaseAtMs > DATABASE_EVERY_MS) return restartDatabase();
    const place = Array.from({ length: fleet.places }, (_, at) => (wanted + at) % fleet.places).find(
      (candidate) => !busy.has(candidate) && fleet.isUp(candidate),
    );
    // One is always left alone, so that there is work for the others' deaths to interrupt.
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
    if (code !== 0) throw new Discrepancy(`a gateway that was asked to stop ended with ${code}`);
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

  const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  const running = run();
  return {
    counts,
    stop: async () => {
      over.abort();
      await running;
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
