import type { EncryptionKeys } from "#lib/config/seal";
import type { HotDatabase } from "#lib/db/client";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { type OnBrokenProvider, providerOpener } from "./provider-opener";
import { readRouting, readVersion } from "./read-routing";
import type { Routing, RoutingDirectory, Within } from "./routing";

const FRESH_MS = 10_000;
/** How long requests may be routed without the database. */
const KNOWN_MS = 3_600_000;
const READ_DEADLINE_MS = 5_000;
/** How many checks may follow each other, and how long it takes until there may be one more. */
const CHECKS = { atOnce: 10, everyMs: 1_000 };

type Known = { routing: Routing; readAtMs: number };

/**
 * Creates a directory that caches the routing for up to ten seconds. Concurrent readers share a read. While
 * the database is unavailable it returns the last one, for up to an hour: that serves only requests that go on
 * without a hold in the database.
 * @throws (from the returned function) if the database cannot be read
 */
export function routingDirectory(
  { sql, watch }: Pick<HotDatabase, "sql" | "watch">,
  keys: EncryptionKeys,
  onBroken: OnBrokenProvider,
  nowMs: () => number = Date.now,
): RoutingDirectory {
  const open = providerOpener(keys, onBroken);
  let known: Known | null = null;
  let reading: Promise<Routing> | null = null;
  let checks = { left: CHECKS.atOnce, countedAtMs: nowMs() };
  const within: Within = (read) => watch.within(read, READ_DEADLINE_MS);

  return ({ fresh } = { fresh: false }) => {
    const recent = known !== null && nowMs() - known.readAtMs < FRESH_MS ? known.routing : null;
    if (recent !== null && (fresh === false || (fresh === "if_checked" && !mayCheck()))) {
      return Promise.resolve(recent);
    }
    if (reading !== null) return reading;
    const readAtMs = nowMs();
    const asked = within(() => readSince(recent));
    const routing = asked.catch(lastKnown);
    reading = routing;
    asked.then(
      (read) => {
        if (read !== recent) known = { routing: read, readAtMs };
        reading = null;
      },
      () => {
        reading = null;
      },
    );
    return routing;
  };

  /** A version that is still the same is not read again. */
  async function readSince(recent: Routing | null): Promise<Routing> {
    return recent !== null && (await readVersion(sql)) === recent.version
      ? recent
      : readRouting(sql, open, within);
  }

  /** Takes one of the checks that there may be: clients can ask for as many as they like. */
  function mayCheck(): boolean {
    const due = Math.floor((nowMs() - checks.countedAtMs) / CHECKS.everyMs);
    if (due > 0) {
      const countedAtMs = checks.countedAtMs + due * CHECKS.everyMs;
      checks = { left: Math.min(CHECKS.atOnce, checks.left + due), countedAtMs };
    }
    if (checks.left === 0) return false;
    checks.left -= 1;
    return true;
  }

  async function lastKnown(error: unknown): Promise<Routing> {
    const last = known;
    if (last === null || nowMs() - last.readAtMs >= KNOWN_MS || !isDatabaseUnavailable(error)) throw error;
    if (await watch.check()) throw error;
    return last.routing;
  }
}
