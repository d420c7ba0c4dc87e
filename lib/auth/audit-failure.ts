import type { Db } from "#lib/db/client";
import { auditLog } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import type { SignInAttempt } from "./sign-in-throttle";
import { countInWindow } from "./sign-in-throttle";

/** The most rows in a window of the throttle, so that an attacker cannot fill the database. */
export const MOST_AUDITED = { known: 1000, unknown: 200 } as const;
/** For unknown e-mail addresses, only these failures of a client address make a row. */
const COUNTS_AUDITED: readonly number[] = [1, 5, 20, 50];

type Failure = {
  /** The account with the e-mail address; null if none has it. */
  accountId: string | null;
  /** Failures from the client address in this window, including this one. */
  fromAddress: number;
  digest: (text: string) => Buffer;
};

/**
 * Records a failed sign-in; never throws. A sign-in does not wait for it, so that the answer takes as long whether or not
 * the e-mail address is known.
 * The row belongs to no organization, because several may have the address and none may learn about the others: only
 * administrators of the installation see it. An unknown address is not recorded, since people type passwords there.
 */
export async function auditFailure(
  db: Db,
  { email, address }: SignInAttempt,
  { accountId, fromAddress, digest }: Failure,
): Promise<void> {
  const known = accountId !== null;
  if (!known && !COUNTS_AUDITED.includes(fromAddress)) return;
  const kind = known ? "known" : "unknown";
  const limit = MOST_AUDITED[kind];
  try {
    const counted = await countInWindow(db, digest(`audited sign-in failures, ${kind}`), limit);
    if (counted === null) return;
    await db.insert(auditLog).values({
      actorId: "anonymous",
      actorName: "anonymous",
      action: "account.sign_in_failed",
      subjectType: "account",
      subjectId: accountId ?? "unknown",
      after: {
        ...(known ? { email } : {}),
        failures_from_address: fromAddress,
        ...(counted === limit ? { note: "Further failures are not recorded for 15 minutes." } : {}),
      },
      ip: address,
    });
  } catch (error) {
    log.warn({ err: error }, "failed to audit a failed sign-in");
  }
}
