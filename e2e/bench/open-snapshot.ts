import postgres from "postgres";
import type { Measurer, Sample } from "./measure";
import type { BenchScenario } from "./scenarios";
import type { Target } from "./targets";

/** The same load in equal windows: before a snapshot is opened, while it is open, and after it is closed. */
export type UnderSnapshot = {
  scenario: BenchScenario;
  windowMs: number;
  before: Sample;
  during: Sample[];
  after: Sample;
};

export type SnapshotPace = { windowMs: number; windowsOpen: number };

/**
 * Measures a target while somebody keeps an old snapshot of the database, as a dump or a forgotten transaction
 * does: no version of a row that was there since may be removed, and those of the busiest counters pile up.
 */
export async function measureUnderSnapshot(
  measurer: Measurer,
  target: Target,
  scenario: BenchScenario,
  databaseUrl: string,
  { windowMs, windowsOpen }: SnapshotPace,
): Promise<UnderSnapshot> {
  const window = () => measurer.measureOnce(target, scenario, windowMs);
  // Unmeasured: the window that all others are compared with finds things as they do.
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

/** Opens a snapshot that lasts; returns what ends it. */
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
