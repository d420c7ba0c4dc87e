import type postgres from "postgres";
import { formatUsd, type PicoUsd, parseUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { type CompiledRates, compileRates, costPicoUsd } from "#lib/credit/prices/price";
import type { Bill } from "#lib/testing/upstream/fake-upstream";
import type { AttackName } from "./attack";
import { hostileModels } from "./attacks";
import type { FixedScope } from "./tenants";

/** What an attack achieved. */
export type Attacked = {
  attack: AttackName;
  requests: number;
  /** What the provider billed. */
  trueUsd: string;
  /** What the ledger charged. */
  chargedUsd: string;
  /** Billed beyond what a sweep charged: it knows only the last heartbeat of a killed or frozen gateway. */
  sweptShortUsd: string;
  /** Each says who spent more than what. Empty: the defences held. */
  overspending: string[];
};

type Row = {
  id: string;
  organization_id: string;
  user_id: string;
  api_key_id: string;
  model: string;
  status: string;
  usage_source: string;
  http_status: number | null;
  hold: string;
  cost: string;
  /** What a sweep charged; null without one. */
  swept: string | null;
  input_tokens: number;
  output_tokens: number;
};

/**
 * Compares what the provider truly billed for the requests of each attack, at the model's rates, with the ledger and
 * with the budgets, which never change during a run:
 *
 * 1. No request may be billed above what the ledger charged for it, or at all if the ledger released it.
 * 2. No request may be charged above its hold: an overrun spends what was never granted.
 * 3. No budget may be below what the provider billed for its scope.
 * 4. No sweep may charge less than the input that was billed: only output grows after the last heartbeat.
 *
 * Exempt from 1 and 3 is what was generated since the last heartbeat of a gateway that was killed, or frozen beyond its
 * lease, which settles its rows after the sweep: that is bounded by the hold. A row that it settles is not exempt from 1.
 * @param sql with the log of changes (change-log.ts)
 */
export async function trueSpend(
  sql: postgres.Sql,
  scopes: readonly FixedScope[],
  bills: ReadonlyMap<string, Bill>,
): Promise<Attacked[]> {
  const rates = new Map(hostileModels.map((model) => [model.name, compileRates(model.rates)]));
  const rows = await sql<Row[]>`
    SELECT id, organization_id, user_id, api_key_id, model, status, usage_source, http_status::int AS http_status,
      hold_usd::text AS hold, cost_usd::text AS cost, input_tokens::int AS input_tokens, output_tokens::int AS output_tokens,
      (CASE WHEN status = 'swept' THEN cost_usd ELSE s.usd END)::text AS swept
    FROM ledger LEFT JOIN chaos_swept s ON s.ledger_id = id
    WHERE organization_id = ANY (${scopes.map(({ organizationId }) => organizationId)}::uuid[])`;
  const judged = rows.map((row) => judge(row, bills.get(row.id), rates.get(row.model)));
  const organizations = scopes.filter(({ type }) => type === "organization");
  return organizations.map(({ id, attack }) => {
    const own = judged.filter(({ row }) => row.organization_id === id);
    return {
      attack,
      requests: own.length,
      trueUsd: formatUsd(sum(own.map(({ billed }) => billed))),
      chargedUsd: formatUsd(sum(own.map(({ charged }) => charged))),
      sweptShortUsd: formatUsd(sum(own.map(({ sweptShort }) => sweptShort))),
      overspending: [
        ...scopes
          .filter(({ organizationId }) => organizationId === id)
          .flatMap((scope) => overLimit(scope, own)),
        ...own.flatMap(({ fault }) => (fault === null ? [] : [fault])),
      ],
    };
  });
}

const SHOWN = 6;

/**
 * Says which attacks overspent, and how.
 * @returns null if none did
 */
export function overspendingOf(attacked: readonly Attacked[]): string | null {
  const parts = attacked.flatMap(({ attack, trueUsd, chargedUsd, overspending }) => {
    if (overspending.length === 0) return [];
    const more = overspending.length - SHOWN;
    return [
      `${attack} overspends: the provider billed $${trueUsd}, and the ledger charged $${chargedUsd}`,
      ...overspending.slice(0, SHOWN).map((fault) => `  ${fault}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  });
  return parts.length === 0 ? null : parts.join("\n");
}

type Judged = { row: Row; billed: PicoUsd; charged: PicoUsd; sweptShort: PicoUsd; fault: string | null };

function judge(row: Row, bill: Bill | undefined, rates: CompiledRates | undefined): Judged {
  if (rates === undefined) throw new Error(`no rates of ${row.model}`);
  const [charged, held] = [parseUsd(row.cost), parseUsd(row.hold)];
  const billed = bill === undefined ? 0n : costPicoUsd({ ...NO_USAGE, ...bill.billed }, rates);
  const swept = row.swept === null ? null : parseUsd(row.swept);
  const sweptShort = swept !== null && billed > swept ? billed - swept : 0n;
  // A second target may have been asked, and billed the input again, since the last heartbeat.
  const billedInput =
    bill?.calls === 1 ? costPicoUsd({ ...NO_USAGE, inputTokens: bill.billed.inputTokens }, rates) : 0n;
  const what = `the request ${row.id} (${row.model}, ${row.status}, ${row.usage_source}, status ${row.http_status})`;
  const tokens = `${bill?.billed.inputTokens ?? 0} + ${bill?.billed.outputTokens ?? 0} tokens`;
  const charge = `$${formatUsd(charged)} for ${row.input_tokens} + ${row.output_tokens} tokens`;
  let fault: string | null = null;
  if (billed > held) fault = `${what} was billed $${formatUsd(billed)}, but held only $${formatUsd(held)}`;
  else if (billed > charged && row.status !== "swept") {
    fault = `${what} was billed $${formatUsd(billed)} for ${tokens}, but charged ${charge}`;
  } else if (charged > held) fault = `${what} was charged ${charge}, but held only $${formatUsd(held)}`;
  else if (swept !== null && swept < billedInput) {
    fault = `${what} was swept for $${formatUsd(swept)}, but its input was billed $${formatUsd(billedInput)}`;
  }
  return { row, billed, charged, sweptShort, fault };
}

function overLimit({ type, id, name, limitUsd }: FixedScope, all: readonly Judged[]): string[] {
  const own = all.filter(
    ({ row }) => id === row.organization_id || id === row.user_id || id === row.api_key_id,
  );
  const billed = sum(own.map(({ billed, sweptShort }) => billed - sweptShort));
  if (billed <= parseUsd(limitUsd)) return [];
  return [`the ${type} ${name} spent $${formatUsd(billed)} of $${limitUsd}`];
}

const sum = (amounts: readonly PicoUsd[]): PicoUsd => amounts.reduce((total, usd) => total + usd, 0n);
