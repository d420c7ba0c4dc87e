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
 * re-checks it. Refusals are never remembered: a key made, or a payment extended, counts at once.
 * @throws (from the returned function) when the database cannot be read
 */
export function callerDirectory(sql: Sql, hashSecret: (secret: string) => Buffer): CallerDirectory {
  const known = new Map<string, { finding: Promise<CallerFinding>; readAtMs: number }>();

  return (credentials, { fresh } = { fresh: false }) => {
    const slot = slotOf(credentials);
    const entry = known.get(slot);
    if (entry && !fresh && Date.now() - entry.readAtMs < FRESH_MS) return entry.finding;

    const finding = readCaller(sql, hashSecret, credentials);
    if (known.size >= MOST_ENTRIES) known.clear();
    known.set(slot, { finding, readAtMs: Date.now() });
    const forget = () => {
      if (known.get(slot)?.finding === finding) known.delete(slot);
    };
    finding.then((answer) => answer.found || forget(), forget);
    return finding;
  };
}

/** Secrets do not lie about in memory in the clear: an entry is found by a digest of what was presented. */
function slotOf(credentials: Credentials): string {
  if (credentials.kind === "key") return hash("sha256", credentials.key, "base64");
  const { secret, appId, userOid } = credentials;
  return hash("sha256", JSON.stringify([secret, appId, userOid]), "base64");
}
