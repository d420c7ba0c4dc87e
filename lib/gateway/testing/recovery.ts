import type postgres from "postgres";
import { expect } from "vitest";

const TIMEOUT_MS = 30_000;

/**
 * Expects that a gateway recovers from an outage by itself: every connection of the pool works, since requests at once
 * are all answered, and nothing is left held. A database that a busy machine keeps silent for half a second counts as
 * unavailable once more, so not every try succeeds.
 * @param many sends more requests at once than the pool has connections
 */
export async function expectRecovery(
  { sql }: { sql: postgres.Sql },
  many: () => Promise<readonly { status: number }[]>,
): Promise<void> {
  const statuses = async () => [...new Set((await many()).map(({ status }) => status))];
  await expect.poll(statuses, { timeout: TIMEOUT_MS, interval: 50 }).toEqual([200]);
  const held = () => sql`SELECT 1 FROM counters WHERE held_usd <> 0 OR open_holds <> 0`;
  await expect.poll(held, { timeout: TIMEOUT_MS }).toHaveLength(0);
}
