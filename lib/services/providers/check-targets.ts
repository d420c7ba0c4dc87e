import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { openProvider, ProviderUnusable } from "#lib/providers/open-provider";
import type { OpenedProvider } from "#lib/providers/provider-type";
import type { RoutingContext } from "./routing-context";
import { withAgent } from "./with-agent";

/** What a run has found out. */
export type CheckedTargets = { providers: number; down: number; up: number };

/** A target that has answered lately is up, whatever a check says: its API may have less than we ask for. */
const ANSWERED_WITHIN = "5 minutes";
const NEWEST_ROWS = 500;
/** A request that comes meanwhile finds out more than a check. */
const LEFT_TO_REQUESTS = "10 seconds";

const Checked = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  baseUrl: z.string().nullable(),
  credentials: z.instanceof(Buffer).nullable(),
  settings: z.unknown(),
  headers: z.instanceof(Buffer).nullable(),
  models: z.array(z.string()),
  hasAnswered: z.boolean(),
  isDown: z.boolean(),
});
type Checked = z.output<typeof Checked>;

/**
 * Asks providers that serve a model, or have a target that is down, and have not answered a request lately whether they can be reached, with each of their
 * credentials, by a request that costs nothing. Targets of one that fails twice are down; those that are down and that no
 * request has tried again are up once it answers.
 */
export async function checkTargets(
  ctx: Pick<RoutingContext, "config"> & { db: Db },
): Promise<CheckedTargets> {
  const providers = (await readProviders(ctx.db)).filter(({ hasAnswered, isDown }) => isDown || !hasAnswered);
  const changes = await Promise.all(providers.map((provider) => checkProvider(ctx, provider)));
  return {
    providers: providers.length,
    down: changes.reduce((sum, { down }) => sum + down, 0),
    up: changes.reduce((sum, { up }) => sum + up, 0),
  };
}

async function checkProvider(
  ctx: Pick<RoutingContext, "config"> & { db: Db },
  provider: Checked,
): Promise<{ down: number; up: number }> {
  const opened = openedOrNull(ctx, provider);
  // What cannot be opened is no target.
  if (opened === null) return { down: 0, up: 0 };
  const change = { down: 0, up: 0 };
  const probes = await probeTwice(ctx, opened);
  change.up += await markRemovedUp(
    ctx.db,
    provider,
    probes.map(({ credentialId }) => credentialId),
  );
  for (const { credentialId, error } of probes) {
    if (error === null) change.up += await markUp(ctx.db, provider, credentialId);
    else if (!provider.hasAnswered) change.down += await markDown(ctx.db, provider, credentialId, error);
  }
  return change;
}

/** The second time for those that failed: one request may be lost. */
async function probeTwice({ config }: Pick<RoutingContext, "config">, opened: OpenedProvider) {
  return withAgent({ config }, async (agent) => {
    const first = await opened.probeEach(agent);
    if (first.every(({ error }) => error === null)) return first;
    const second = await opened.probeEach(agent);
    return first.map((probe, at) => (probe.error === null ? probe : (second[at] ?? probe)));
  });
}

function openedOrNull({ config }: Pick<RoutingContext, "config">, provider: Checked): OpenedProvider | null {
  try {
    return openProvider(provider, config);
  } catch (error) {
    if (error instanceof ProviderUnusable) return null;
    throw error;
  }
}

async function readProviders(db: Db): Promise<Checked[]> {
  const rows = await db.execute(sql`
    WITH newest AS MATERIALIZED (
      SELECT provider, error_code, created_at FROM ledger WHERE status <> 'held' ORDER BY id DESC LIMIT ${NEWEST_ROWS}
    )
    SELECT p.id, p.name, p.type, p.base_url AS "baseUrl", p.credentials, p.settings, p.headers,
      coalesce(array_agg(DISTINCT t.upstream_model) FILTER (WHERE m.id IS NOT NULL), '{}') AS models,
      EXISTS (
        SELECT FROM newest n WHERE n.provider = p.name AND n.error_code IS NULL
          AND n.created_at > now() - ${ANSWERED_WITHIN}::interval
      ) AS "hasAnswered",
      EXISTS (SELECT FROM target_states s WHERE s.provider_id = p.id AND s.closed_at IS NULL) AS "isDown"
    FROM providers p
    LEFT JOIN model_targets t ON t.provider_id = p.id AND t.enabled
    LEFT JOIN models m ON m.id = t.model_id AND m.enabled
    WHERE p.enabled AND (
      m.id IS NOT NULL OR EXISTS (SELECT FROM target_states s WHERE s.provider_id = p.id AND s.closed_at IS NULL)
    )
    GROUP BY p.id`);
  return z.array(Checked).parse([...rows]);
}

async function markDown(db: Db, { id, models }: Checked, credentialId: string, why: string): Promise<number> {
  const known = await db.execute(sql`
    SELECT upstream_model FROM target_states
    WHERE provider_id = ${id} AND credential_id = ${credentialId} AND closed_at IS NULL`);
  const down = new Set(known.map(({ upstream_model }) => upstream_model));
  const found = models.filter((model) => !down.has(model));
  for (const model of found)
    await db.execute(sql`SELECT tollgate_target_down_v1(${id}, ${credentialId}, ${model}, ${why})`);
  return found.length;
}

/** No request or check asks with a credential that was removed: its targets would be down for good. */
async function markRemovedUp(db: Db, { id }: Checked, credentialIds: readonly string[]): Promise<number> {
  const rows = await db.execute(sql`
    SELECT tollgate_target_up_v1(provider_id, credential_id, upstream_model) FROM target_states
    WHERE provider_id = ${id} AND closed_at IS NULL AND credential_id <> ALL (${sql.param(credentialIds)}::text[])`);
  return rows.length;
}

async function markUp(db: Db, { id }: Checked, credentialId: string): Promise<number> {
  const rows = await db.execute(sql`
    SELECT tollgate_target_up_v1(provider_id, credential_id, upstream_model) FROM target_states
    WHERE provider_id = ${id} AND credential_id = ${credentialId} AND closed_at IS NULL
      AND probe_after < now() - ${LEFT_TO_REQUESTS}::interval`);
  return rows.length;
}
