import { hash } from "node:crypto";
import type { HotDatabase } from "#lib/db/client";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { type CallerFinding, type Credentials, readCaller } from "./caller";

const FRESH_MS = 10_000;
/** For how long a caller is known that may go on without the database. */
const KNOWN_MS = 3_600_000;
const MOST_ENTRIES = 10_000;
const READ_DEADLINE_MS = 5_000;

export type CallerDirectory = {
  /**
   * Finds a caller; `fresh` reads the database even where a recent answer is known.
   * @throws what the database throws, DatabaseUnavailable where it does not answer
   */
  find: (credentials: Credentials, options?: { fresh: boolean }) => Promise<CallerFinding>;
  /** The caller was refused after it was found: it is not known any more. */
  forget: (credentials: Credentials) => void;
  /** Whether anybody is known who may go on without the database. */
  knowsAnybody: () => boolean;
};

type Found = Extract<CallerFinding, { found: true }>;
/** `last`: the caller as last read, and until when it may go on as that. */
type Entry = {
  finding: Promise<CallerFinding>;
  freshUntilMs: number;
  last: { found: Found; untilMs: number } | null;
};

/**
 * Makes a directory that remembers a found caller for up to ten seconds, which is safe since the hold
 * re-checks it; the grace of a secret that was rotated away, which the hold does not see, ends in time.
 * Refusals are never remembered: a key made, or a payment extended, counts at once.
 * Callers whose organization lets them go on without the database are known for an hour, for that alone.
 */
export function callerDirectory(
  { sql, watch }: Pick<HotDatabase, "sql" | "watch">,
  hashSecret: (secret: string) => Buffer,
): CallerDirectory {
  const known = new Map<string, Entry>();

  function read(slot: string, credentials: Credentials, last: Entry["last"]): Promise<CallerFinding> {
    const readAtMs = Date.now();
    const asked = watch.within(() => readCaller(sql, hashSecret, credentials), READ_DEADLINE_MS);
    const finding = asked.catch((error) => lastKnown(error, last));
    const entry: Entry = { finding, freshUntilMs: readAtMs + FRESH_MS, last };
    // Last in the map is what was read last: the first goes when room is needed.
    known.delete(slot);
    if (known.size >= MOST_ENTRIES) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    known.set(slot, entry);
    const forget = () => {
      if (known.get(slot) === entry) known.delete(slot);
    };
    asked.then(
      (answer) => {
        if (!answer.found) return forget();
        const { usableMs, validMs } = answer;
        entry.freshUntilMs = readAtMs + Math.min(FRESH_MS, usableMs ?? FRESH_MS, validMs ?? FRESH_MS);
        entry.last = knownUntil(answer, readAtMs);
      },
      () => {
        if (last === null) return forget();
        entry.freshUntilMs = 0;
      },
    );
    return finding;
  }

  async function lastKnown(error: unknown, last: Entry["last"]): Promise<Found> {
    if (last === null || Date.now() >= last.untilMs || !isDatabaseUnavailable(error)) throw error;
    if (await watch.check()) throw error;
    return last.found;
  }

  return {
    find: (credentials, { fresh } = { fresh: false }) => {
      const slot = slotOf(credentials);
      const entry = known.get(slot);
      if (entry && !fresh && Date.now() < entry.freshUntilMs) return entry.finding;
      return read(slot, credentials, entry?.last ?? null);
    },
    forget: (credentials) => {
      known.delete(slotOf(credentials));
    },
    knowsAnybody: () => {
      const now = Date.now();
      for (const { last } of known.values()) if (last !== null && now < last.untilMs) return true;
      return false;
    },
  };
}

/** Null for a caller that stops where the database does. */
function knownUntil(found: Found, readAtMs: number): Entry["last"] {
  if (found.caller.failOpenAllowanceUsd === null) return null;
  const { usableMs, validMs } = found;
  return { found, untilMs: readAtMs + Math.min(KNOWN_MS, usableMs ?? KNOWN_MS, validMs ?? KNOWN_MS) };
}

/** Secrets do not lie about in memory in the clear: an entry is found by a digest of what was presented. */
function slotOf(credentials: Credentials): string {
  if (credentials.kind === "key") return hash("sha256", credentials.key, "base64");
  const { secret, appId, userOid } = credentials;
  return hash("sha256", JSON.stringify([secret, appId, userOid]), "base64");
}
