import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { forbidden, ServiceError } from "#lib/http/errors";

/** The first call, as it was stored. */
type FirstCall = {
  body: string;
  /** Whether the caller has the role and the organization that they had then. */
  isUnchanged: boolean;
};

/**
 * Judges a replay like a first call: the request runs again, and what it does is rolled back. So every check of today's
 * rights is the verb's own. For an unchanged caller, errors about the state that the first call made (a taken name, a
 * used-up number of keys) do not count.
 * @param run the request again, in `tx`; returns its answer
 * @throws ServiceError what a first call would throw, and "forbidden" if it would now be for another organization
 */
export async function judgeReplay(
  tx: Tx,
  { body, isUnchanged }: FirstCall,
  run: (tx: Tx) => Promise<string>,
): Promise<void> {
  const again = await answerWithoutEffect(tx, run).catch((error: unknown) => {
    if (isUnchanged && isAboutState(error)) return null;
    throw error;
  });
  if (again === null || ownerOf(again) === ownerOf(body)) return;
  throw forbidden(
    "Your rights have changed since the first request with this Idempotency-Key. Use a new key to send it again.",
  );
}

class RolledBack extends Error {
  override name = "RolledBack";
  constructor(readonly answer: string) {
    super("what a replay did is rolled back");
  }
}

async function answerWithoutEffect(tx: Tx, run: (tx: Tx) => Promise<string>): Promise<string> {
  try {
    return await tx.transaction(async (attempt): Promise<never> => {
      throw new RolledBack(await run(attempt));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.answer;
    throw error;
  }
}

const isAboutState = (error: unknown): boolean =>
  error instanceof ServiceError && (error.code === "conflict" || error.code === "invalid");

const Owned = z.object({ organization_id: z.string().nullish() });

/** The organization of what an answer is about; null without one. */
function ownerOf(body: string): string | null {
  const { success, data } = Owned.safeParse(JSON.parse(body));
  return success ? (data.organization_id ?? null) : null;
}
