import { z } from "zod";
import { send } from "#lib/cli/api/send";
import { CliError } from "#lib/cli/failure";
import { counted } from "#lib/cli/output/format";
import { type Check, failed, failedWith, ok, warning } from "./check";

const Part = z.looseObject({ healthy: z.boolean(), latency_ms: z.number().nullish() });
const Health = z.looseObject({
  status: z.string(),
  version: z.string().optional(),
  draining: z.boolean().optional(),
  database: Part.optional(),
  redis: z
    .looseObject({
      configured: z.boolean(),
      healthy: z.boolean().optional(),
      latency_ms: z.number().nullish(),
      note: z.string().optional(),
    })
    .optional(),
  mail: z.looseObject({ configured: z.boolean(), healthy: z.boolean().optional() }).optional(),
  journal: z.looseObject({ waiting: z.number(), rejected: z.number() }).optional(),
});
type Health = z.output<typeof Health>;

const TIMEOUT_MS = 15_000;

/** Whether the server answers, and whether it is ready. */
export async function checkServer(url: string): Promise<Check[]> {
  try {
    await send(new URL(`${url}/livez`), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    if (error instanceof CliError && error.status === 503) {
      return [failed("server", error.message, "It is starting or shutting down: try again in a moment.")];
    }
    return [failedWith("server", error)];
  }
  return [ok("server", `answers at ${url}`)];
}

/** The database, Redis, mail and the journal, as `GET /health` has them for an administrator. */
export async function checkHealth(url: string, token: string): Promise<Check[]> {
  const response = await fetch(`${url}/health`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: "manual",
  });
  const parsed = Health.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return [failed("health", `GET /health answered ${response.status}`)];
  const health = parsed.data;
  if (health.database === undefined) {
    const healthy = health.status === "healthy";
    return [
      healthy
        ? ok("health", "healthy; details are for installation administrators")
        : failed("health", health.status, "Run this with ADMIN_API_KEY as --token to see what is wrong."),
    ];
  }
  return [databaseOf(health.database), ...redisOf(health), ...mailOf(health), ...journalOf(health)];
}

const latency = (part: { latency_ms?: number | null | undefined }) =>
  part.latency_ms == null ? "answers" : `answers in ${part.latency_ms} ms`;

const databaseOf = (database: z.output<typeof Part>): Check =>
  database.healthy
    ? ok("database", latency(database))
    : failed(
        "database",
        "does not answer",
        "Check that PostgreSQL runs and that DATABASE_URL is right; the server's log has the reason.",
      );

function redisOf({ redis }: Health): Check[] {
  if (redis === undefined) return [];
  if (!redis.configured) {
    if (redis.note !== undefined) return [warning("redis", redis.note, "Set REDIS_URL on every replica.")];
    return [ok("redis", "not configured, and not needed: there is one replica")];
  }
  if (redis.healthy === true) return [ok("redis", latency(redis))];
  const fix = "Check that Redis runs and that REDIS_URL (or UPSTASH_REDIS_REST_URL and its token) is right.";
  return [failed("redis", "does not answer; each organization's failure_mode decides meanwhile", fix)];
}

function mailOf({ mail }: Health): Check[] {
  if (mail === undefined || !mail.configured) return [];
  if (mail.healthy === true) return [ok("mail", "the mail server answers")];
  return [failed("mail", "the mail server cannot be reached; mail waits", "Check SMTP_URL.")];
}

function journalOf({ journal }: Health): Check[] {
  if (journal === undefined) return [];
  const { waiting, rejected } = journal;
  if (waiting === 0 && rejected === 0) return [];
  const detail = `${counted(waiting, "request")} of an outage are not in the ledger yet, ${rejected} were too old for it`;
  return [warning("journal", detail, "Wait for the database; npx tollgate reconcile checks the books.")];
}
