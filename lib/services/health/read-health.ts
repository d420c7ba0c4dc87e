import type { Actor } from "#lib/auth/actor";
import { isDraining } from "#lib/config/drain-state";
import { VERSION } from "#lib/config/version";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { controlDb, type Db } from "#lib/db/client";
import type { LimiterHealth } from "#lib/limits/limiter";
import { rateLimiter } from "#lib/limits/process-limiter";
import { type MailHealth, mailHealth } from "#lib/services/mail/mail-health";
import { databaseHealth } from "./database-health";
import { providerHealth } from "./provider-health";

/** The body of `GET /health` (contract: Start). Only administrators and METRICS_TOKEN get names and details. */
export type Health = {
  status: "healthy" | "degraded";
  timestamp: string;
  version?: string;
  draining?: boolean;
  database?: { healthy: boolean; latency_ms: number | null };
  redis?:
    | { configured: true; healthy: boolean; latency_ms: number | null }
    | { configured: false; replicas: number; note?: string };
  /** The mail server of SMTP_URL. Requests do not depend on it. */
  mail?: MailHealth;
  providers?: Record<string, { healthy: boolean }>;
  /**
   * Requests that failed open and are not in the ledger yet, and those that the ledger rejected as too old since
   * this process started.
   */
  journal?: { waiting: number; rejected: number };
};

/**
 * @param viewer the bearer of METRICS_TOKEN, or reads the caller, only while the database answers
 * @returns the health, and whether requests can be served
 */
export async function readHealth(
  viewer: "monitor" | (() => Promise<Actor | null>),
  db: () => Db = controlDb,
  limiterHealth: () => Promise<LimiterHealth> = () => rateLimiter().health(),
  mailServerHealth: () => Promise<MailHealth> = () => mailHealth(),
): Promise<{ health: Health; serving: boolean }> {
  const draining = isDraining();
  const [database, limiter, mail] = await Promise.all([
    databaseHealth(db),
    limiterHealth(),
    mailServerHealth(),
  ]);
  const serving = !draining && (database.healthy || failOpenState().canServe());
  // Both read the database.
  const providers = database.healthy ? await providerHealth(db()) : {};
  const isAdmin = viewer !== "monitor" && database.healthy && (await viewer())?.role === "admin";
  const providersHealthy = Object.values(providers).every((healthy) => healthy);
  const othersHealthy = (!limiter.configured || limiter.healthy) && (!mail.configured || mail.healthy);
  const health: Health = {
    status: serving && database.healthy && providersHealthy && othersHealthy ? "healthy" : "degraded",
    timestamp: new Date().toISOString(),
  };
  if (!isAdmin && viewer !== "monitor") return { health, serving };
  return {
    serving,
    health: {
      ...health,
      version: VERSION,
      draining,
      database: { healthy: database.healthy, latency_ms: database.latencyMs },
      redis: redisHealth(limiter),
      mail,
      providers: Object.fromEntries(Object.entries(providers).map(([name, healthy]) => [name, { healthy }])),
      journal: { waiting: failOpenState().waiting, rejected: failOpenState().rejected },
    },
  };
}

function redisHealth(limiter: LimiterHealth): NonNullable<Health["redis"]> {
  if (limiter.configured) {
    return { configured: true, healthy: limiter.healthy, latency_ms: limiter.latencyMs };
  }
  const { replicas } = limiter;
  if (replicas === 1) return { configured: false, replicas };
  return {
    configured: false,
    replicas,
    note: `Each of the ${replicas} replicas enforces a share of 1/${replicas} of every rate limit. Set REDIS_URL or UPSTASH_REDIS_REST_URL for exact limits across replicas.`,
  };
}
