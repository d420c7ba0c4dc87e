import { ApiKey } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import { CliError, EXIT } from "#lib/cli/failure";

/** Of keys that Tollgate makes. */
const WHOLE = /^tg_[a-z]+_[0-9A-Za-z]{38}$/;

/** Whether a text has the form of a key that Tollgate makes. */
export const isWholeKey = (text: string): boolean => WHOLE.test(text);

/** The key in what was pasted: without quotes, spaces around it and the word "Bearer". */
export const keyIn = (pasted: string): string =>
  pasted
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .replace(/^bearer\s+/i, "")
    .trim();

/** The key with this value; null if there is none. It is sent in the body, so that it is in no address. */
export async function findByValue(admin: AdminClient, key: string): Promise<ApiKey | null> {
  try {
    return (await admin.post("/api-keys/find", ApiKey, { key })).value;
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.notFound) return null;
    throw error;
  }
}
