import "server-only";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { secretHasher } from "#lib/auth/api-key";
import { callerDirectory } from "#lib/auth/caller-directory";
import { type Config, config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { turnstile } from "#lib/credit/gather";
import { holdPlacer } from "#lib/credit/hold";
import { settler } from "#lib/credit/settle";
import { renewLeases } from "#lib/credit/sweep";
import { hotSql, type Sql } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { upstreamAgent } from "#lib/providers/openai-lane";
import { lanesOver } from "#lib/providers/registry";
import type { Gateway } from "./gateway";
import { dueRenewals } from "./in-flight";
import { routingDirectory } from "./routing";

/** Longer than any healthy database takes, shorter than a client's patience. */
const HOLD_DEADLINE_MS = 5_000;
const SETTLE_DEADLINE_MS = 10_000;
const SHUTDOWN_PATIENCE_MS = 10_000;
/** A lease lasts 60 s: three renewals may fail before a replica's sweep takes the request for dead. */
const RENEW_EVERY_MS = 15_000;

/** Makes a gateway over a database; tests make several in a process. */
export function createGateway(
  sql: Sql,
  settings: Pick<
    Config,
    "ENCRYPTION_KEY" | "REQUEST_TIMEOUT_MS" | "MAX_BODY_BYTES" | "BLOCK_PRIVATE_UPSTREAMS"
  >,
): Gateway {
  const turn = turnstile({ maxJobs: 4, patienceMs: 25 });
  return {
    sql,
    findCaller: callerDirectory(sql, secretHasher(settings.ENCRYPTION_KEY)),
    routing: routingDirectory(sql, settings.ENCRYPTION_KEY, (provider, error) =>
      log.error({ err: error, provider }, "a provider cannot be used as it is stored"),
    ),
    placeHold: holdPlacer(sql, randomUUID(), turn, HOLD_DEADLINE_MS),
    settler: settler(sql, turn, SETTLE_DEADLINE_MS, (error, requestId) =>
      log.error({ err: error, requestId }, "a settlement is sent again"),
    ),
    lanes: lanesOver(upstreamAgent({ blockPrivate: settings.BLOCK_PRIVATE_UPSTREAMS })),
    inFlight: new Map(),
    log,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
  };
}

/** The process's gateway, shared by both mounts; its leases are renewed while it lives. */
export function gateway(): Gateway {
  return oncePerProcess("gateway", () => {
    const created = createGateway(hotSql(), config());
    setInterval(() => {
      renewLeases(created.sql, dueRenewals(created.inFlight, RENEW_EVERY_MS)).catch((error) =>
        log.warn({ err: error }, "leases could not be renewed"),
      );
    }, RENEW_EVERY_MS).unref();
    return created;
  });
}

/**
 * After the drain: resolves once everything is settled, then closes the connections. With the database
 * away it gives up after a while: what is still held then is swept when the leases end.
 */
export async function shutdownGateway(): Promise<void> {
  const { settler, sql } = gateway();
  const settled = await Promise.race([
    settler.idle().then(() => true),
    sleep(SHUTDOWN_PATIENCE_MS, false, { ref: false }),
  ]);
  if (!settled) log.error("the database is away: some requests are left to the sweep");
  await sql.end({ timeout: 5 });
}
