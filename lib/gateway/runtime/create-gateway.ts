import { setTimeout as sleep } from "node:timers/promises";
import { secretHasher } from "#lib/auth/api-key";
import { callerDirectory } from "#lib/auth/caller-directory";
import type { Config } from "#lib/config/config";
import type { EncryptionKeys } from "#lib/config/seal";
import { type BatchGates, databaseGates } from "#lib/credit/batching/tenant-lanes";
import { createFailOpen, type FailOpen, failOpenState } from "#lib/credit/fail-open/fail-open";
import { openJournal } from "#lib/credit/fail-open/journal";
import { rejectedItemsIn } from "#lib/credit/fail-open/rejected-items";
import { replayer } from "#lib/credit/fail-open/replay";
import { holdPlacer } from "#lib/credit/ledger/hold";
import { type Instance, newInstance } from "#lib/credit/ledger/instance";
import { ledgerCalls } from "#lib/credit/ledger/ledger-calls";
import { readRecentPaces } from "#lib/credit/ledger/recent-paces";
import { settler } from "#lib/credit/ledger/settle";
import type { HotDatabase } from "#lib/db/client";
import { READ_ON_MS } from "#lib/gateway/pipeline/client-disconnect";
import { MAX_ANSWER_BYTES } from "#lib/gateway/pipeline/read-whole";
import { answerBytes } from "#lib/gateway/ports/answer-bytes";
import { bodyBytes } from "#lib/gateway/ports/body-bytes";
import { countingTurns } from "#lib/gateway/ports/counting-turns";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { requestLog } from "#lib/gateway/ports/request-log";
import { rejectionNotes } from "#lib/gateway/rejections/rejection-notes";
import { rejectionWriter } from "#lib/gateway/rejections/write-rejections";
import { createBreakers } from "#lib/gateway/routing/breakers";
import { conversations } from "#lib/gateway/routing/conversations";
import { offeredModels } from "#lib/gateway/routing/offered-models";
import { refusedFields } from "#lib/gateway/routing/refused-fields";
import { routingDirectory } from "#lib/gateway/routing/routing-directory";
import { sharedBreakers } from "#lib/gateway/routing/shared-breakers";
import { targetRooms } from "#lib/gateway/routing/target-rooms";
import { targetStates } from "#lib/gateway/routing/target-states";
import { observedPace } from "#lib/gateway/sizing/observed-pace";
import { addressReader } from "#lib/http/client-address";
import { createRateLimiter, type LimiterSettings, type RateLimiter } from "#lib/limits/limiter";
import { replicaCounter } from "#lib/limits/replicas";
import { log } from "#lib/observability/log";
import { exchangeOver } from "#lib/providers/exchange";
import { upstreamConnections } from "#lib/providers/upstream-agent";
import { bodyLimits } from "./body-limits";

/** Longer than a healthy database ever takes. The watch notices an unavailable one in less than a second. */
const LEDGER_DEADLINE_MS = 5_000;
const PACE_DEADLINE_MS = 5_000;
const REPLAY_DEADLINE_MS = 10_000;
const REJECTION_NOTES = { everyMs: 1_000, maxDetails: 200, maxGroups: 10_000, maxGroupsWithRequests: 50 };

/** What a gateway reads of the configuration. */
type GatewaySettings = LimiterSettings &
  Pick<
    Config,
    "REQUEST_TIMEOUT_MS" | "MAX_BODY_BYTES" | "BLOCK_PRIVATE_UPSTREAMS" | "TRUSTED_PROXIES" | "VERCEL"
  > &
  EncryptionKeys & {
    leaseSeconds?: number;
    DEFAULT_MODEL?: string;
    /** Default: as in an installation whose first key is ENCRYPTION_KEY. */
    hashSecret?: (secret: string) => Buffer;
  };

/**
 * Creates a gateway over a database; tests create several in one process.
 * @param journalDirectory where requests that go on without the database are journalled; null: none go on
 */
export function createGateway(
  database: HotDatabase,
  settings: GatewaySettings,
  journalDirectory: string | null = null,
  limiter: RateLimiter = createRateLimiter(database.sql, settings),
): Gateway {
  const { sql, watch } = database;
  const gates = databaseGates();
  const connections = upstreamConnections({ blockPrivate: settings.BLOCK_PRIVATE_UPSTREAMS });
  const instance = newInstance(settings.leaseSeconds);
  const breakers = createBreakers(sharedBreakers(database), (error) =>
    log.warn({ err: error }, "could not share which targets are down"),
  );
  const rooms = targetRooms(limiter, replicaCounter(sql));
  const calls = ledgerCalls(database, instance, gates, (call) => watch.within(call, LEDGER_DEADLINE_MS));
  return {
    sql,
    watch,
    instance,
    callers: callerDirectory(database, settings.hashSecret ?? secretHasher(settings.ENCRYPTION_KEY)),
    clientAddress: addressReader(settings),
    routing: routingDirectory(database, settings, (provider, error) =>
      log.error({ err: error, provider }, "skipping a provider whose stored settings cannot be used"),
    ),
    offeredModels: offeredModels(sql, connections.agent, (provider, error) =>
      log.warn({ err: error, provider }, "could not list the models of a provider"),
    ),
    limiter,
    requestHold: holdPlacer(calls.hold, instance),
    settler: settler(
      calls.settle,
      instance,
      (error, requestId) => log.error({ err: error, request_id: requestId }, "retrying a settlement"),
      (delayMs) => (watch.isUnavailable() ? watch.untilAvailable() : sleep(delayMs)),
    ),
    failOpen: journalDirectory === null ? null : failOpenIn(journalDirectory, database, instance, gates),
    exchange: exchangeOver(connections),
    breakers,
    rooms,
    targets: targetStates(breakers, rooms),
    conversations: conversations(),
    refusedFields: refusedFields(),
    inFlight: new Map(),
    counting: countingTurns(),
    bodies: bodyBytes(bodyLimits(settings.MAX_BODY_BYTES)),
    answers: answerBytes(bodyLimits(MAX_ANSWER_BYTES)),
    pace: observedPace(
      (provider, model) => watch.within(() => readRecentPaces(sql, provider, model), PACE_DEADLINE_MS),
      (error) => log.debug({ err: error }, "could not read how fast a model has answered"),
    ),
    rejections: rejectionNotes(rejectionWriter(database), {
      ...REJECTION_NOTES,
      onError: (error) => log.warn({ err: error }, "could not write the rejection counts; will retry"),
    }),
    requestLog: requestLog(),
    log,
    defaultModel: settings.DEFAULT_MODEL ?? null,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    readOnMs: READ_ON_MS,
  };
}

function failOpenIn(
  journalDirectory: string,
  { sql, watch }: HotDatabase,
  instance: Instance,
  gates: BatchGates,
): FailOpen {
  return createFailOpen({
    journal: openJournal(journalDirectory, instance.id),
    rejectedItems: rejectedItemsIn(journalDirectory, instance.id),
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
