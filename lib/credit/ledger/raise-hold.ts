import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { Sql } from "#lib/db/client";
import { codeOf } from "#lib/db/unavailable";

const LOCK_TIMEOUT = "55P03";

/**
 * Raises the hold of a request in flight, if every budget has that much left.
 * @param ifSweptPicoUsd what a sweep charges besides from then on
 * @returns whether it was raised; false also if a counter stays locked
 */
export async function raiseHold(
  sql: Sql,
  requestId: string,
  byPicoUsd: PicoUsd,
  ifSweptPicoUsd: PicoUsd,
): Promise<boolean> {
  try {
    const [row] = await sql<{ raised: boolean }[]>`
      SELECT tollgate_raise_hold_v1(
        ${requestId}::uuid, ${formatUsd(byPicoUsd)}::numeric, ${formatUsd(ifSweptPicoUsd)}::numeric) AS raised`;
    return row?.raised ?? false;
  } catch (error) {
    if (codeOf(error) === LOCK_TIMEOUT) return false;
    throw error;
  }
}
