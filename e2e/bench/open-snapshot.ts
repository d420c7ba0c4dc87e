import postgres from "postgres";
import type { Measurer, Sample } from "./measure";
import type { BenchScenario } from "./scenarios";
import type { Target } from "./targets";

/** The same load in equal windows: before, during and after an open snapshot. */
export type UnderSnapshot = {
  scenario: BenchScenario;
  windowMs: number;
  before: Sample;
  during: Sample[];
  after: Sample;
};

export type SnapshotPace = { windowMs: number; windowsOpen: number };

/**
 * Measures a target while a snapshot of the database is open, as with a dump or a forgotten transaction: PostgreSQL cannot
 * remove row versions since then, and those of busy counters accumulate.
 */
export async function measureUnderSnapshot(
  measurer: Measurer,
  target: Target,
  scenario: BenchScenario,
  databaseUrl: string,
  { windowMs, windowsOpen }: SnapshotPace,
): Promise<UnderSnapshot> {
  const window = () => measurer.measureOnce(target, scenario, windowMs);
  // A warm-up, so that the first measured window has the same conditions as the others.
  await window();
  const before = await window();
  const close = await openSnapshot(databaseUrl);
  const during: Sample[] = [];
  try {
    while (during.length < windowsOpen) during.push(await window());
  } finally {
    await close();
  }
  return { scenario, windowMs, before, during, after: await window() };
}

/** Opens a snapshot and returns the function that closes it. */
async function openSnapshot(url: string): Promise<() => Promise<void>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const connection = await sql.reserve();
  await connection`BEGIN ISOLATION LEVEL REPEATABLE READ`;
  await connection`SELECT count(*) FROM counters`;
  return async () => {
    await connection`COMMIT`;
    connection.release();
    await sql.end();
  };
}
