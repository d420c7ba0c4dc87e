import { isDeepStrictEqual } from "node:util";
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
 * @throws ServiceError what a first call would throw, and "forbidden" if it would now make something with another owner,
 * role or maker, or with an earlier end: the secret in the stored answer may do more than one of today
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
  if (again === null || isCoveredBy(rightsIn(body), rightsIn(again))) return;
  throw forbidden(
    "This request would now have another result than with the first use of this Idempotency-Key: rights or bounds have changed. Use a new key to send it again.",
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

/** What an answer says of the rights that its secret gives. Null: without one. */
const Rights = z.object({
  organization_id: z.string().nullable().default(null),
  /** The owner of a key, whose bounds and budget it has; null for an organization's. */
  user_id: z.string().nullable().default(null),
  role: z.string().nullable().default(null),
  /** Whose rights bound an admin token. */
  maker_id: z.string().nullable().default(null),
  expires_at: z.string().nullable().default(null),
});
type Rights = z.output<typeof Rights>;

const rightsIn = (body: string): Rights => Rights.parse(JSON.parse(body));

/** Whether the rights are those of today, and end no later. */
function isCoveredBy({ expires_at: end, ...first }: Rights, { expires_at: endToday, ...today }: Rights) {
  return isDeepStrictEqual(first, today) && (endToday === null || (end !== null && end <= endToday));
}
