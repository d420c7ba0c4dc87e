import "server-only";
import { hash } from "node:crypto";
import type { Sql } from "#lib/db/client";
import { type CallerFinding, type Credentials, readCaller } from "./caller";

const FRESH_MS = 10_000;
const MOST_ENTRIES = 10_000;

/** Finds callers; `fresh` reads the database even where a recent answer is known. */
export type CallerDirectory = (
  credentials: Credentials,
  options?: { fresh: boolean },
) => Promise<CallerFinding>;

/**
 * Makes a directory that remembers a found caller for up to ten seconds, which is safe since the hold
 * re-checks it; the grace of a secret that was rotated away, which the hold does not see, ends in time.
 * Refusals are never remembered: a key made, or a payment extended, counts at once.
 * @throws (from the returned function) when the database cannot be read
 */
export function callerDirectory(sql: Sql, hashSecret: (secret: string) => Buffer): CallerDirectory {
  const known = new Map<string, { finding: Promise<CallerFinding>; freshUntilMs: number }>();

  return (credentials, { fresh } = { fresh: false }) => {
    const slot = slotOf(credentials);
    const entry = known.get(slot);
    if (entry && !fresh && Date.now() < entry.freshUntilMs) return entry.finding;

    const readAtMs = Date.now();
    const finding = readCaller(sql, hashSecret, credentials);
    const remembered = { finding, freshUntilMs: readAtMs + FRESH_MS };
    if (known.size >= MOST_ENTRIES) known.clear();
    known.set(slot, remembered);
    const forget = () => {
      if (known.get(slot)?.finding === finding) known.delete(slot);
    };
    finding.then((answer) => {
      if (!answer.found) return forget();
      const { usableMs } = answer;
      if (usableMs !== null && usableMs < FRESH_MS) remembered.freshUntilMs = readAtMs + usableMs;
    }, forget);
    return finding;
  };
}

/** Secrets do not lie about in memory in the clear: an entry is found by a digest of what was presented. */
function slotOf(credentials: Credentials): string {
  if (credentials.kind === "key") return hash("sha256", credentials.key, "base64");
  const { secret, appId, userOid } = credentials;
  return hash("sha256", JSON.stringify([secret, appId, userOid]), "base64");
}
