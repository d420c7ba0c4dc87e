import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { BatchGate } from "#lib/credit/batching/batch-gate";
import type { BatchGates } from "#lib/credit/batching/tenant-lanes";
import { type HoldRequest, holdPlacer, type RequestHold } from "#lib/credit/ledger/hold";
import { heartbeat, type Instance, newInstance } from "#lib/credit/ledger/instance";
import { ledgerCalls } from "#lib/credit/ledger/ledger-calls";
import { type Settlement, type Settler, settler } from "#lib/credit/ledger/settle";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { createTenant } from "#lib/db/testing/tenant";
import { codeOf } from "#lib/db/unavailable";
import { aRequest, aSettlement } from "./ledger";
import {
  type HoldItem,
  type Operation,
  overBudgetText,
  type Reference,
  type Scope,
  scopeAt,
} from "./reference";

type Process = { instance: Instance; placeHold: RequestHold; settler: Settler };
type Known = Pick<Settlement, "hold" | "counterIds" | "createdAt">;

/** The system under test: a database, the processes that hold and settle in it, and what they remember. */
export type CreditSystem = {
  sql: postgres.Sql;
  processes: Process[];
  /** Holds by id, as their processes know them. */
  known: Map<string, Known>;
  /** Errors that led to a retry. There should be none. */
  retried: unknown[];
};

/** The payers of the test: indexes into `Reference.scopes`. */
export const PAYERS: readonly (readonly number[])[] = [
  [0, 1, 3],
  [0, 1, 4],
  [0, 2, 5],
  [0, 6],
  [0, 2, 6],
];
const DEADLINE_MS = 20_000;
/** Calls of one turn of the event loop share a batch, in their order. */
const perTurn: BatchGate = (job) => void setImmediate(async () => (await job())());
const together: BatchGates = { shared: perTurn, locked: perTurn };

/** Creates an organization with two users, three keys and an app, without any charges. */
export async function createReference(sql: postgres.Sql): Promise<Reference> {
  const first = await createTenant(sql);
  const { organizationId } = first;
  const second = await createTenant(sql, { organizationId });
  const [key, app] = [randomUUID(), randomUUID()];
  await sql`
    INSERT INTO api_keys (id, name, organization_id, user_id, key_hash, key_prefix)
    VALUES (${key}, ${key}, ${organizationId}, ${first.userId}, ${Buffer.from(key)}, 'tg_test_')`;
  await sql`
    INSERT INTO apps (id, name, organization_id, secret_hash)
    VALUES (${app}, ${app}, ${organizationId}, ${Buffer.from(app)})`;
  const scope = (type: Scope["type"], id: string, period: Scope["period"]): Scope => ({
    type,
    id,
    period,
    limit: null,
    maxConcurrent: null,
    version: 1,
  });
  const scopes = [
    scope("organization", organizationId, "month"),
    scope("user", first.userId, "day"),
    scope("user", second.userId, "week"),
    scope("api_key", first.apiKeyId, "total"),
    scope("api_key", key, "month"),
    scope("api_key", second.apiKeyId, "day"),
    scope("app", app, "week"),
  ];
  for (const one of scopes) {
    await sql`UPDATE ${tableOf(sql, one)} SET budget_period = ${one.period} WHERE id = ${one.id}`;
    one.version += 1;
  }
  return { scopes, buckets: new Map(), rows: new Map(), dead: new Set(), rolledOver: new Map() };
}

export function createSystem(sql: postgres.Sql, processes: number): CreditSystem {
  const system: CreditSystem = { sql, processes: [], known: new Map(), retried: [] };
  for (let i = 0; i < processes; i++) system.processes.push(newProcess(system));
  return system;
}

export function newProcess(system: CreditSystem): Process {
  const instance = newInstance();
  const calls = ledgerCalls({ sql: system.sql, steady: system.sql }, instance, together, DEADLINE_MS);
  const note = (error: unknown) => system.retried.push(error);
  return {
    instance,
    placeHold: holdPlacer(calls.hold, instance),
    settler: settler(calls.settle, instance, note),
  };
}

export function processAt(system: CreditSystem, at: number): Process {
  const process = system.processes[at % system.processes.length];
  if (!process) throw new Error("no such process");
  return process;
}

/**
 * Does to the database what `apply` does to the reference, and returns the same results.
 * @returns null if a hold timed out on a lock
 */
export async function carryOut(
  system: CreditSystem,
  reference: Reference,
  operation: Operation,
): Promise<string[] | null> {
  const { sql } = system;
  switch (operation.kind) {
    case "hold": {
      const process = processOf(system, operation);
      try {
        return await Promise.all(
          operation.items.map((item) => hold(system, process, requestOf(reference, item))),
        );
      } catch (error) {
        if (hasTimedOut(error)) return null;
        throw error;
      }
    }
    case "settle": {
      const { settler } = processOf(system, operation);
      return Promise.all(
        operation.items.map(({ id, status, cost }) => {
          const known = system.known.get(id) ?? unanswered(reference, id);
          return settler.settle({ ...aSettlement(known.hold, formatUsd(cost)), ...known, status });
        }),
      );
    }
    case "sweep":
      try {
        await sql`SELECT tollgate_sweep_v1(500::integer)`;
        return [];
      } catch (error) {
        // It leaves locked rows to the next sweep.
        if (codeOf(error) === LOCK_TIMEOUT) return null;
        throw error;
      }
    case "adjust": {
      const { type, id, period } = scopeAt(reference, operation.scope);
      const own = (wanted: Scope["type"]) => (type === wanted ? id : null);
      const amount = operation.amount === null ? null : formatUsd(operation.amount);
      const [row] = await sql<{ amount: string }[]>`
        SELECT trim_scale(tollgate_adjust_v1(
          ${operation.id}, ${type}, ${id}, ${period}, ${scopeAt(reference, 0).id}, ${own("user")}, ${own("api_key")},
          ${own("app")}, ${amount}, 'a test', 'the test'))::text AS amount`;
      return [String(parseUsd(row?.amount ?? ""))];
    }
    case "limit": {
      const scope = scopeAt(reference, operation.scope);
      const limit = operation.limit === null ? null : formatUsd(operation.limit);
      await sql`
        UPDATE ${tableOf(sql, scope)} SET budget_limit_usd = ${limit}, max_concurrent = ${operation.maxConcurrent}
        WHERE id = ${scope.id}`;
      return [];
    }
  }
}

function processOf({ processes }: CreditSystem, operation: { process: string }): Process {
  const process = processes.find(({ instance }) => instance.id === operation.process);
  if (!process) throw new Error("no such process");
  return process;
}

const LOCK_TIMEOUT = "55P03";
const hasTimedOut = (error: unknown) =>
  error instanceof Error && error.name === "DatabaseUnavailable" && Reflect.get(error, "maybeDone") === false;

async function hold(system: CreditSystem, process: Process, request: HoldRequest): Promise<string> {
  const verdict = await process.placeHold(request);
  if (verdict.granted) {
    const { counterIds, createdAt } = verdict;
    if (!system.known.has(request.id)) system.known.set(request.id, { hold: request, counterIds, createdAt });
    return `granted ${verdict.heldPicoUsd}`;
  }
  return verdict.reason === "over_budget"
    ? overBudgetText(verdict.freePicoUsd, verdict.idlePicoUsd, verdict.budgets)
    : verdict.reason;
}

/** Expires the process's lease. */
export async function expireLease(system: CreditSystem, { instance }: Process): Promise<void> {
  await system.sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true WHERE id = ${instance.id}`;
}

/** Sends a heartbeat with the progress of a request. */
export async function sendHeartbeat(
  system: CreditSystem,
  process: Process,
  id: string,
  ifSwept: bigint,
): Promise<void> {
  await heartbeat(system.sql, process.instance, [{ id, ifSweptPicoUsd: ifSwept, ifSweptOutputTokens: 1 }]);
}

/** As if the database failed over to a standby without the hold. */
export async function loseHold(system: CreditSystem, id: string): Promise<void> {
  await system.sql.begin(async (tx) => {
    const [row] = await tx`DELETE FROM ledger WHERE id = ${id} RETURNING counter_ids, hold_usd`;
    await tx`
      UPDATE counters SET held_usd = held_usd - ${row?.hold_usd}, open_holds = open_holds - 1
      WHERE id = ANY (${row?.counter_ids})`;
  });
}

/** Where the buckets of a period go that has rolled over more than once, in order. */
export const LONG_AGO = "1980-01-01";

/** Ends the scope's running period: its bucket becomes the previous one, and the previous one an old one. */
export async function rollOver(system: CreditSystem, { id, period }: Scope, earlier: number): Promise<void> {
  const { sql } = system;
  const moveTo = (
    from: postgres.PendingQuery<postgres.Row[]>,
    to: postgres.PendingQuery<postgres.Row[]>,
  ) => sql`
    UPDATE counters SET period_start = ${to} WHERE scope_id = ${id} AND period = ${period} AND period_start = ${from}`;
  const running = sql`tollgate_period_start(${period}, now())`;
  const before = sql`tollgate_period_start(${period}, tollgate_period_start(${period}, now()) - interval '1 hour')`;
  await moveTo(before, sql`${LONG_AGO}::timestamptz + ${earlier - 1} * interval '1 day'`);
  await moveTo(running, before);
}

/** What a process settles with when its hold got no answer. */
function unanswered(reference: Reference, id: string): Known {
  const item = { id, scopes: [0, 1, 3], versions: [0, 0, 0], amount: 0n, floor: null, ifSwept: 0n };
  return { hold: requestOf(reference, item), counterIds: null, createdAt: null };
}

function requestOf(
  reference: Reference,
  { id, scopes, versions, amount, floor, ifSwept }: HoldItem,
): HoldRequest {
  const read = (type: Scope["type"]) => {
    const at = scopes.findIndex((place) => scopeAt(reference, place).type === type);
    if (at === -1) return { id: null, period: "month" as const, version: null };
    const { id, period } = scopeAt(reference, scopes[at] ?? 0);
    return { id, period, version: versions[at] ?? 0 };
  };
  const [organization, user, key, app] = [read("organization"), read("user"), read("api_key"), read("app")];
  const payer = {
    organizationId: organization.id ?? "",
    organizationPeriod: organization.period,
    organizationVersion: organization.version ?? 0,
    userId: user.id,
    userPeriod: user.period,
    userVersion: user.version,
    apiKeyId: key.id,
    apiKeyPeriod: key.period,
    apiKeyVersion: key.version,
    appId: app.id,
    appPeriod: app.period,
    appVersion: app.version,
    tags: [],
    metadataId: null,
  };
  return {
    ...aRequest(
      { ...payer, userId: "", userVersion: 0, apiKeyId: "", apiKeyVersion: 0, appId: null, appVersion: null },
      formatUsd(amount),
    ),
    id,
    payer,
    floorPicoUsd: floor,
    ifSweptPicoUsd: ifSwept,
  };
}

function tableOf(sql: postgres.Sql, { type }: Scope) {
  return sql({ organization: "organizations", user: "users", api_key: "api_keys", app: "apps" }[type]);
}
