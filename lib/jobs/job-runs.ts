import { and, eq, gte, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { jobRuns } from "#lib/db/schema/identity";

/** Records that a job has succeeded now. */
export async function recordRun(db: Db | Tx, name: string): Promise<void> {
  const endedAt = sql`clock_timestamp()`;
  await db
    .insert(jobRuns)
    .values({ name, endedAt })
    .onConflictDoUpdate({ target: jobRuns.name, set: { endedAt } });
}

/** Whether a job has succeeded since midnight UTC on any replica. */
export async function hasRunToday(db: Db | Tx, name: string): Promise<boolean> {
  const midnight = sql`date_trunc('day', clock_timestamp(), 'UTC')`;
  return (await db.$count(jobRuns, and(eq(jobRuns.name, name), gte(jobRuns.endedAt, midnight)))) > 0;
}

/** Records that a job runs now, unless it has within `withinMs` on any replica. @returns whether it is to run */
export async function claimRun(db: Db | Tx, name: string, withinMs: number): Promise<boolean> {
  const endedAt = sql`clock_timestamp()`;
  const claimed = await db
    .insert(jobRuns)
    .values({ name, endedAt })
    .onConflictDoUpdate({
      target: jobRuns.name,
      set: { endedAt },
      setWhere: sql`${jobRuns.endedAt} < clock_timestamp() - make_interval(secs => ${withinMs / 1_000})`,
    })
    .returning({ name: jobRuns.name });
  return claimed.length > 0;
}
