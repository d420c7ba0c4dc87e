import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { secretHasher } from "#lib/auth/api-key";
import { callerDirectory } from "#lib/auth/caller-directory";
import { type Config, config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { type BatchGates, databaseGates } from "#lib/credit/batching/tenant-lanes";
import { createFailOpen, type FailOpen, failOpenState } from "#lib/credit/fail-open/fail-open";
import { openJournal } from "#lib/credit/fail-open/journal";
import { rejectedItemsIn } from "#lib/credit/fail-open/rejected-items";
import { replayer } from "#lib/credit/fail-open/replay";
import { holdPlacer } from "#lib/credit/ledger/hold";
import { endInstance, heartbeat, type Instance, newInstance } from "#lib/credit/ledger/instance";
import { ledgerCalls } from "#lib/credit/ledger/ledger-calls";
import { settler } from "#lib/credit/ledger/settle";
import { type HotDatabase, hotDatabase } from "#lib/db/client";
import { READ_ON_MS } from "#lib/gateway/pipeline/client-disconnect";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { countWithoutClient, progressOf } from "#lib/gateway/ports/in-flight";
import { rejectionNotes } from "#lib/gateway/rejections/rejection-notes";
import { rejectionWriter } from "#lib/gateway/rejections/write-rejections";
import { routingDirectory } from "#lib/gateway/routing/routing";
import { addressReader } from "#lib/http/client-address";
import { createRateLimiter, type LimiterSettings, type RateLimiter } from "#lib/limits/limiter";
import { rateLimiter } from "#lib/limits/process-limiter";
import { log } from "#lib/observability/log";
import { exchangeOver } from "#lib/providers/exchange";
import { upstreamAgent } from "#lib/providers/upstream-agent";

/** For a database that is there: longer than any healthy one takes. One that is away is found out in less than a second. */
const LEDGER_DEADLINE_MS = 5_000;
const REPLAY_DEADLINE_MS = 10_000;
const SHUTDOWN_PATIENCE_MS = 10_000;
/** Three heartbeats may fail before a replica sweeps what the process holds. */
const PULSE = { leaseSeconds: 60, everyMs: 15_000 };
const REFUSALS = { delayMs: 3_000, mostDetails: 200, mostGroups: 10_000 };

/**
 * Makes a gateway over a database; tests make several in a process.
 * @param journalDirectory where requests are written down that go on without the database; null: nowhere, none do
 */
export function createGateway(
  database: HotDatabase,
  settings: Pick<
    Config,
    | "ENCRYPTION_KEY"
    | "REQUEST_TIMEOUT_MS"
    | "MAX_BODY_BYTES"
    | "BLOCK_PRIVATE_UPSTREAMS"
    | "TRUSTED_PROXIES"
    | "VERCEL"
  > &
    LimiterSettings & { leaseSeconds?: number },
  journalDirectory: string | null = null,
  limiter: RateLimiter = createRateLimiter(database.sql, settings),
): Gateway {
  const { sql, watch } = database;
  const gates = databaseGates();
  const instance = newInstance(settings.leaseSeconds);
  const calls = ledgerCalls(database, instance, gates, (call) => watch.within(call, LEDGER_DEADLINE_MS));
  return {
    sql,
    watch,
    instance,
    callers: callerDirectory(database, secretHasher(settings.ENCRYPTION_KEY)),
    clientAddress: addressReader(settings),
    routing: routingDirectory(database, settings.ENCRYPTION_KEY, (provider, error) =>
      log.error({ err: error, provider }, "a provider cannot be used as it is stored"),
    ),
    limiter,
    requestHold: holdPlacer(calls.hold, instance),
    settler: settler(
      calls.settle,
      instance,
      (error, requestId) => log.error({ err: error, requestId }, "a settlement is sent again"),
      (delayMs) => (watch.isUnavailable() ? watch.untilAvailable() : sleep(delayMs)),
    ),
    failOpen: journalDirectory === null ? null : openFailOpen(database, instance, gates, journalDirectory),
    exchange: exchangeOver(upstreamAgent({ blockPrivate: settings.BLOCK_PRIVATE_UPSTREAMS })),
    inFlight: new Map(),
    rejections: rejectionNotes(rejectionWriter(database), {
      ...REFUSALS,
      onError: (error) => log.warn({ err: error }, "the rejections could not be written"),
    }),
    log,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    readOnMs: READ_ON_MS,
  };
}

function openFailOpen(
  { sql, watch }: HotDatabase,
  instance: Instance,
  gates: BatchGates,
  directory: string,
): FailOpen {
  return createFailOpen({
    journal: openJournal(directory, instance.id),
    rejectedItems: rejectedItemsIn(directory, instance.id),
    watch,
    replay: replayer(sql, gates, (call) => watch.within(call, REPLAY_DEADLINE_MS)),
    onError: (error, what) => log.error({ err: error }, what),
    onRejected: (requests, file) =>
      log.error(
        { requests, file },
        "journalled requests are older than LOG_RETENTION_DAYS and may have been charged already: they are kept in the file and not charged",
      ),
    onReplayed: (requestId) => {
      instance.open.delete(requestId);
    },
    state: failOpenState(),
  });
}

/** As this bundle has found it: every request asks. */
let made: Gateway | undefined;

/**
 * The process's gateway, shared by both mounts; it says that it is alive while it is.
 * @param pulse how often, and for how long it then counts as alive; who asks first decides
 */
export function gateway(pulse = PULSE): Gateway {
  made ??= oncePerProcess("gateway", () => {
    const { VERCEL, DATA_DIR } = config();
    const journalDirectory = VERCEL ? null : join(resolve(/*turbopackIgnore: true*/ DATA_DIR), "journal");
    const settings = { ...config(), leaseSeconds: pulse.leaseSeconds };
    const created = createGateway(hotDatabase(), settings, journalDirectory, rateLimiter());
    const { sql, watch, instance, inFlight, failOpen, callers } = created;
    if (failOpen !== null) failOpenState().canServe = callers.hasFailOpenCallers;
    const sayAlive = () =>
      watch
        .within(() => heartbeat(sql, instance, progressOf(inFlight, pulse.everyMs)), pulse.everyMs)
        .catch((error) => log.warn({ err: error }, "the heartbeat failed"));
    setInterval(() => {
      void sayAlive();
      void failOpen?.replay();
    }, pulse.everyMs).unref();
    watch.onAvailable(() => void sayAlive());
    // Without a Redis the others make room for it from now on, and it for them.
    void sayAlive();
    void failOpen?.replay();
    return created;
  });
  return made;
}

/** How many requests are still under way though their clients have gone. */
export const requestsLeftBehind = (): number => countWithoutClient(gateway().inFlight);

/**
 * After the drain: resolves once everything is settled, then closes the connections. With the database
 * away it gives up after a while: what is not settled then is left in the journal, or else to the sweep.
 */
export async function shutdownGateway(): Promise<void> {
  const { settler, failOpen, limiter, sql, watch, instance, inFlight, rejections } = gateway();
  // Answers still read without a client are settled on an estimate.
  for (const { stopReading } of inFlight.values()) stopReading();
  // What stops us may not wait that long.
  if (watch.isUnavailable()) await leaveBehind();
  const settled = await Promise.race([
    ended(inFlight)
      .then(() => Promise.all([settler.idle(), failOpen?.idle()]))
      .then(() => true),
    sleep(SHUTDOWN_PATIENCE_MS, false, { ref: false }),
  ]);
  if (settled)
    await endInstance(sql, instance).catch((error) => log.warn({ err: error }, "could not end the lease"));
  else await leaveBehind();
  await rejections.flush();
  await failOpen?.close();
  await limiter.close();
  await hotDatabase().close(5);
}

async function leaveBehind(): Promise<void> {
  const { settler, failOpen } = gateway();
  const requests = settler.unsettled();
  try {
    if (failOpen === null) throw new Error("there is no disk to write to");
    await failOpen.journalUnsettled(requests);
    log.warn({ requests: requests.length }, "the database is away: the next start settles the rest");
  } catch (error) {
    log.error({ err: error }, "the database is away: some requests are left to the sweep");
  }
}

/** Resolves when every request has sent its settlement. */
async function ended(inFlight: ReadonlyMap<string, unknown>): Promise<void> {
  while (inFlight.size > 0) await sleep(10, undefined, { ref: false });
}
