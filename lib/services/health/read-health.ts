import "server-only";
import type { Actor } from "#lib/auth/actor";
import { currentActor } from "#lib/auth/session";
import { isDraining } from "#lib/config/drain-state";
import { VERSION } from "#lib/config/version";
import { controlDb, type Db } from "#lib/db/client";
import { databaseHealth } from "./database-health";
import { providerHealth } from "./provider-health";

/** The body of `GET /health` (contract: Start). Names and details are for administrators. */
export type Health = {
  status: "healthy" | "degraded";
  timestamp: string;
  version?: string;
  draining?: boolean;
  database?: { healthy: boolean; latency_ms: number | null };
  redis?: { configured: boolean };
  providers?: Record<string, { healthy: boolean }>;
};

/** Whether requests can be served now: not in a drain, and the database answers. */
export async function canServe(): Promise<boolean> {
  return !isDraining() && (await databaseHealth()).healthy;
}

/** @returns the health, and whether requests can be served at all */
export async function readHealth(
  readActor: () => Promise<Actor | null> = currentActor,
  db: () => Db = controlDb,
): Promise<{ health: Health; serving: boolean }> {
  const draining = isDraining();
  const database = await databaseHealth(db);
  const serving = !draining && database.healthy;
  // Both ask the database: without it nobody is known, and no provider matters.
  const providers = database.healthy ? await providerHealth(db()) : {};
  const actor = database.healthy ? await readActor() : null;
  const wellProvided = Object.values(providers).every((healthy) => healthy);
  const health: Health = {
    status: serving && wellProvided ? "healthy" : "degraded",
    timestamp: new Date().toISOString(),
  };
  if (actor?.role !== "admin") return { health, serving };
  return {
    serving,
    health: {
      ...health,
      version: VERSION,
      draining,
      database: { healthy: database.healthy, latency_ms: database.latencyMs },
      redis: { configured: false },
      providers: Object.fromEntries(Object.entries(providers).map(([name, healthy]) => [name, { healthy }])),
    },
  };
}
