import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { HotDatabase } from "#lib/db/client";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { type CallerFinding, type Credentials, readCaller } from "./caller";

const FRESH_MS = 10_000;
/** How long a caller that may fail open is kept. */
const KEPT_MS = 3_600_000;
const MOST_ENTRIES = 10_000;
const READ_DEADLINE_MS = 5_000;

export type CallerDirectory = {
  /**
   * Finds a caller. `fresh` reads the database even if a recent result is cached.
   * @throws errors of the database, and DatabaseUnavailable if it does not answer
   */
  find: (credentials: Credentials, options?: { fresh: boolean }) => Promise<CallerFinding>;
  /** Removes a caller from the cache, since it was rejected after it was found. */
  remove: (credentials: Credentials) => void;
  /** Whether the cache has a caller that may fail open. */
  hasFailOpenCallers: () => boolean;
};

type Found = Extract<CallerFinding, { found: true }>;
/** A caller being read; `next`: the reading that those wait for who came after its beginning. */
type Reading = { done: Promise<void>; next: Promise<CallerFinding> | null };
/** `last`: the caller as last read, and how long it may fail open. */
type Entry = {
  finding: Promise<CallerFinding>;
  freshUntilMs: number;
  last: { found: Found; untilMs: number } | null;
};

/**
 * Creates a directory that caches a caller for up to ten seconds. That is safe because the hold checks it again. The
 * grace period of a rotated secret, which the hold does not check, limits the time. Rejections are not cached, so that
 * a new key or an extended payment counts at once. Callers that may fail open are kept for an hour, for that only.
 */
export function callerDirectory(
  { sql, watch }: Pick<HotDatabase, "sql" | "watch">,
  hashSecret: (secret: string) => Buffer,
): CallerDirectory {
  const entries = new LRUCache<string, Entry>({ max: MOST_ENTRIES });
  const readings = new Map<string, Reading>();

  /**
   * Reads what the database has now. Of the requests that come while a caller is read, all share the next reading:
   * a flood of rejected requests costs one query at a time.
   */
  function readFresh(cacheKey: string, credentials: Credentials): Promise<CallerFinding> {
    const reading = readings.get(cacheKey);
    if (reading !== undefined) {
      reading.next ??= reading.done.then(() => startReading(cacheKey, credentials));
      return reading.next;
    }
    return startReading(cacheKey, credentials);
  }

  function startReading(cacheKey: string, credentials: Credentials): Promise<CallerFinding> {
    const finding = read(cacheKey, credentials, entries.get(cacheKey)?.last ?? null);
    const ended = () => {
      if (reading.next === null) readings.delete(cacheKey);
    };
    const reading: Reading = { done: finding.then(ended, ended), next: null };
    readings.set(cacheKey, reading);
    return finding;
  }

  function read(cacheKey: string, credentials: Credentials, last: Entry["last"]): Promise<CallerFinding> {
    const readAtMs = Date.now();
    const pending = watch.within(() => readCaller(sql, hashSecret, credentials), READ_DEADLINE_MS);
    const finding = pending.catch((error) => lastKnown(error, last));
    const entry: Entry = { finding, freshUntilMs: readAtMs + FRESH_MS, last };
    entries.set(cacheKey, entry);
    const remove = () => {
      if (entries.get(cacheKey) === entry) entries.delete(cacheKey);
    };
    pending.then(
      (answer) => {
        if (!answer.found) return remove();
        const { usableMs, validMs } = answer;
        entry.freshUntilMs = readAtMs + Math.min(FRESH_MS, usableMs ?? FRESH_MS, validMs ?? FRESH_MS);
        entry.last = knownUntil(answer, readAtMs);
      },
      () => {
        if (last === null) return remove();
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
      const cacheKey = cacheKeyOf(credentials);
      const entry = entries.get(cacheKey);
      if (fresh) return readFresh(cacheKey, credentials);
      if (entry && Date.now() < entry.freshUntilMs) return entry.finding;
      return read(cacheKey, credentials, entry?.last ?? null);
    },
    remove: (credentials) => {
      entries.delete(cacheKeyOf(credentials));
    },
    hasFailOpenCallers: () => {
      const now = Date.now();
      for (const { last } of entries.values()) if (last !== null && now < last.untilMs) return true;
      return false;
    },
  };
}

/** Null for a caller that may not fail open. */
function knownUntil(found: Found, readAtMs: number): Entry["last"] {
  if (found.caller.failOpenAllowanceUsd === null) return null;
  const { usableMs, validMs } = found;
  return { found, untilMs: readAtMs + Math.min(KEPT_MS, usableMs ?? KEPT_MS, validMs ?? KEPT_MS) };
}

/** A digest, so that secrets are not kept in memory in plain text. */
function cacheKeyOf(credentials: Credentials): string {
  if (credentials.kind === "key") return hash("sha256", credentials.key, "base64");
  const { secret, appId, userOid } = credentials;
  return hash("sha256", JSON.stringify([secret, appId, userOid]), "base64");
}
