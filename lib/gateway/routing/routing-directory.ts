import type { EncryptionKeys } from "#lib/config/seal";
import type { HotDatabase } from "#lib/db/client";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { type OnBrokenProvider, providerOpener } from "./provider-opener";
import { readRouting } from "./read-routing";
import type { Routing, RoutingDirectory, Within } from "./routing";

const FRESH_MS = 10_000;
/** How long requests may be routed without the database. */
const KNOWN_MS = 3_600_000;
const READ_DEADLINE_MS = 5_000;

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
): RoutingDirectory {
  const open = providerOpener(keys, onBroken);
  let known: { routing: Promise<Routing>; readAtMs: number } | null = null;
  let reading: Promise<Routing> | null = null;
  const within: Within = (read) => watch.within(read, READ_DEADLINE_MS);

  return ({ fresh } = { fresh: false }) => {
    if (known && !fresh && Date.now() - known.readAtMs < FRESH_MS) return known.routing;
    if (reading) return reading;
    const readAtMs = Date.now();
    const asked = within(() => readRouting(sql, open, within));
    const routing = asked.catch(lastKnown);
    reading = routing;
    asked.then(
      () => {
        known = { routing: asked, readAtMs };
        reading = null;
      },
      () => {
        reading = null;
      },
    );
    return routing;
  };

  async function lastKnown(error: unknown): Promise<Routing> {
    const last = known;
    if (last === null || Date.now() - last.readAtMs >= KNOWN_MS || !isDatabaseUnavailable(error)) throw error;
    if (await watch.check()) throw error;
    return last.routing;
  }
}
