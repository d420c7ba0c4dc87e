import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import type { ServiceContext } from "#lib/services/context";
import { providerHealth } from "#lib/services/health/provider-health";
import type { Page } from "#lib/services/page";
import { listProviders } from "#lib/services/providers/list-providers";
import type { Provider } from "#lib/services/providers/provider";
import type { InputOf } from "#lib/services/verb";

/** A model at a provider that is down, as far as the gateway knows. */
export type DownTarget = { upstream_model: string; since: string; reason: string };

/** How a provider is, from its last answers and from checks. */
export type ProviderState = {
  /** `unused`: no model has it as a target, and it is not asked. */
  health: "healthy" | "down" | "failing" | "disabled" | "unused";
  down: readonly DownTarget[];
  /** When it last answered a request, of the newest ones; null if none of those was its. */
  last_answer_at: string | null;
  /** How many models have it as a target. */
  models: number;
};

export type ProviderTableRow = Provider & ProviderState;

/**
 * Lists providers with their states, newest first.
 * @throws ServiceError "forbidden" except for administrators
 */
export async function providerTable(
  ctx: ServiceContext,
  query: InputOf<typeof listProviders>,
): Promise<Page<ProviderTableRow>> {
  const { data, next_cursor } = await listProviders(ctx, query);
  return { data: await withStates(ctx, data), next_cursor };
}

/** Providers with their states, for administrators. */
export async function withStates(
  { db }: Pick<ServiceContext, "db">,
  providers: readonly Provider[],
): Promise<ProviderTableRow[]> {
  if (providers.length === 0) return [];
  const [health, rows] = await Promise.all([
    providerHealth(db),
    readRows(
      db,
      providers.map(({ id }) => id),
    ),
  ]);
  return providers.map((provider) => {
    const row = rows.get(provider.id);
    const down = row?.down ?? [];
    const state = { down, last_answer_at: row?.last_answer_at ?? null, models: row?.models ?? 0 };
    return { ...provider, ...state, health: healthOf(provider, state, health[provider.name] !== false) };
  });
}

function healthOf(
  { enabled }: Provider,
  { down, models, last_answer_at }: Omit<ProviderState, "health">,
  isHealthy: boolean,
): ProviderState["health"] {
  if (!enabled) return "disabled";
  if (down.length > 0) return "down";
  if (!isHealthy) return "failing";
  return models === 0 && last_answer_at === null ? "unused" : "healthy";
}

/** As many as tell of the last minutes of a busy gateway, and bounded on any. */
const NEWEST_ROWS = 500;

const Row = z.object({
  id: z.uuid(),
  models: z.int(),
  last_answer_at: z.date().nullable(),
  down: z.array(z.object({ upstream_model: z.string(), since: z.string(), reason: z.string() })),
});

async function readRows(db: Db | Tx, ids: readonly string[]) {
  const rows = await db.execute(sql`
    WITH newest AS MATERIALIZED (
      SELECT provider, error_code, created_at FROM ledger WHERE status <> 'held' ORDER BY id DESC LIMIT ${NEWEST_ROWS}
    )
    SELECT p.id,
      (SELECT count(DISTINCT t.model_id)::int FROM model_targets t WHERE t.provider_id = p.id) AS models,
      (SELECT max(n.created_at) FROM newest n WHERE n.provider = p.name AND n.error_code IS NULL) AS last_answer_at,
      coalesce((
        SELECT json_agg(json_build_object('upstream_model', s.upstream_model, 'reason', s.reason,
          'since', to_char(s.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY s.opened_at)
        FROM target_states s WHERE s.provider_id = p.id AND s.closed_at IS NULL
      ), '[]') AS down
    FROM providers p WHERE p.id = ANY (${sql.param([...ids])}::uuid[])`);
  const parsed = z.array(Row).parse(
    [...rows].map((row) => ({
      ...row,
      last_answer_at: row.last_answer_at === null ? null : new Date(String(row.last_answer_at)),
    })),
  );
  return new Map(
    parsed.map((row) => [row.id, { ...row, last_answer_at: row.last_answer_at?.toISOString() ?? null }]),
  );
}
