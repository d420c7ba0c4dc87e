"use server";

import { headers } from "next/headers";
import { tooManyAttempts } from "#lib/auth/sign-in-problem";
import { config } from "#lib/config/config";
import { askForReset } from "#lib/portal/account/password-reset";

/**
 * Asks for a link to a new password. It does the same for every address.
 * @returns what went wrong; null if the request was accepted
 */
export async function requestResetAction(email: unknown): Promise<string | null> {
  if (config().SMTP_URL === undefined) return "No mail server is configured.";
  const answer = await askForReset(email, await headers());
  if (answer.outcome === "throttled") return tooManyAttempts(answer.retryAfterS);
  return answer.outcome === "accepted" ? null : "Enter your e-mail address.";
}
