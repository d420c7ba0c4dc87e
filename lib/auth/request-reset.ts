import { z } from "zod";
import type { Db } from "#lib/db/client";
import { passwordResetRequests } from "#lib/db/schema/sessions";
import { countAttempt, type Throttle } from "./sign-in-throttle";

// Without characters that PostgreSQL rejects, and little that is no address: people type passwords there.
const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .regex(/^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u);

/** So that a mailbox is not flooded, and a person who mistypes may try again. */
export const RESET_THROTTLE: Throttle = { name: "reset", limits: { here: 3, email: 6, address: 30 } };

export type ResetRequest =
  | { outcome: "accepted" }
  | { outcome: "no_address" }
  | { outcome: "throttled"; retryAfterS: number };

type Origin = {
  address: string | null;
  /** Where the portal is, for the link. */
  portalUrl: string;
  digest: (text: string) => Buffer;
};

/**
 * Accepts a request for a new password. It does not read accounts: for a known address and an unknown one the answer, its
 * work and its time are the same. The delivery job mails the links (`issueResets`).
 */
export async function requestReset(
  db: Db,
  given: unknown,
  { address, portalUrl, digest }: Origin,
): Promise<ResetRequest> {
  const email = Email.safeParse(given);
  if (!email.success) return { outcome: "no_address" };
  const throttling = await countAttempt(db, digest, { email: email.data, address }, RESET_THROTTLE);
  if (throttling.throttled) return { outcome: "throttled", retryAfterS: throttling.retryAfterS };
  await db.insert(passwordResetRequests).values({ email: email.data, portalUrl, ip: address });
  return { outcome: "accepted" };
}
