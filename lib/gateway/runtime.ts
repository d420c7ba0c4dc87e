import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { secretHasher } from "#lib/auth/api-key";
import { callerDirectory } from "#lib/auth/caller-directory";
import { type Config, config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { turnstile } from "#lib/credit/gather";
import { holdPlacer } from "#lib/credit/hold";
import { heartbeat, leave, newInstance } from "#lib/credit/instance";
import { settler } from "#lib/credit/settle";
import { hotSql, type Sql } from "#lib/db/client";
import { addressReader } from "#lib/http/client-address";
import { log } from "#lib/observability/log";
import { upstreamAgent } from "#lib/providers/openai-lane";
import { lanesOver } from "#lib/providers/registry";
import type { Gateway } from "./gateway";
import { progressOf } from "./in-flight";
import { routingDirectory } from "./routing";

/** Longer than any healthy database takes, shorter than a client's patience. */
const HOLD_DEADLINE_MS = 5_000;
const SETTLE_DEADLINE_MS = 10_000;
const SHUTDOWN_PATIENCE_MS = 10_000;
/** A process counts as alive for 60 s: three heartbeats may fail before a replica sweeps what it holds. */
const HEARTBEAT_EVERY_MS = 15_000;

/** Makes a gateway over a database; tests make several in a process. */
export function createGateway(
  sql: Sql,
  settings: Pick<
    Config,
    | "ENCRYPTION_KEY"
    | "REQUEST_TIMEOUT_MS"
    | "MAX_BODY_BYTES"
    | "BLOCK_PRIVATE_UPSTREAMS"
    | "TRUSTED_PROXIES"
    | "VERCEL"
  >,
): Gateway {
  const turn = turnstile({ maxJobs: 4, patienceMs: 25 });
  const instance = newInstance();
  return {
    sql,
    instance,
    findCaller: callerDirectory(sql, secretHasher(settings.ENCRYPTION_KEY)),
    clientAddress: addressReader(settings),
    routing: routingDirectory(sql, settings.ENCRYPTION_KEY, (provider, error) =>
      log.error({ err: error, provider }, "a provider cannot be used as it is stored"),
    ),
    placeHold: holdPlacer(sql, instance, turn, HOLD_DEADLINE_MS),
    settler: settler(sql, instance, turn, SETTLE_DEADLINE_MS, (error, requestId) =>
      log.error({ err: error, requestId }, "a settlement is sent again"),
    ),
    lanes: lanesOver(upstreamAgent({ blockPrivate: settings.BLOCK_PRIVATE_UPSTREAMS })),
    inFlight: new Map(),
    log,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxBodyBytes: settings.MAX_BODY_BYTES,
  };
}

/** The process's gateway, shared by both mounts; it says that it is alive while it is. */
export function gateway(): Gateway {
  return oncePerProcess("gateway", () => {
    const created = createGateway(hotSql(), config());
    setInterval(() => {
      heartbeat(created.sql, created.instance, progressOf(created.inFlight, HEARTBEAT_EVERY_MS)).catch(
        (error) => log.warn({ err: error }, "the heartbeat failed"),
      );
    }, HEARTBEAT_EVERY_MS).unref();
    return created;
  });
}

/**
 * After the drain: resolves once everything is settled, then closes the connections. With the database
 * away it gives up after a while: what is still held then is swept.
 */
export async function shutdownGateway(): Promise<void> {
  const { settler, sql, instance } = gateway();
  const settled = await Promise.race([
    settler.idle().then(() => true),
    sleep(SHUTDOWN_PATIENCE_MS, false, { ref: false }),
  ]);
  if (settled) await leave(sql, instance).catch((error) => log.warn({ err: error }, "could not take leave"));
  else log.error("the database is away: some requests are left to the sweep");
  await sql.end({ timeout: 5 });
}
