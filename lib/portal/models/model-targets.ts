import { sql } from "drizzle-orm";
import { z } from "zod";
import type { ServiceContext } from "#lib/services/context";
import type { Model, ModelTarget } from "#lib/services/models/model";

/** A target with the time of its price and its state. */
export type ModelTargetRow = ModelTarget & {
  /** Since when it has its price. */
  price_since: string | null;
  /** Whether it is down, with any of its provider's credentials; null except for administrators. */
  down: boolean | null;
};

const Row = z.object({
  provider_id: z.uuid(),
  upstream_model: z.string(),
  since: z.string().nullable(),
  down: z.boolean(),
});

/** The targets of a model, in order. As in /health, only administrators see which are down. */
export async function modelTargets(ctx: ServiceContext, model: Model): Promise<ModelTargetRow[]> {
  const rows = await ctx.db.execute(sql`
    SELECT t.provider_id, t.upstream_model,
      (SELECT to_char(h.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM target_prices h
        WHERE h.model_id = t.model_id AND h.provider_id = t.provider_id AND h.upstream_model = t.upstream_model
        ORDER BY h.id DESC LIMIT 1) AS since,
      EXISTS (SELECT FROM target_states s WHERE s.provider_id = t.provider_id
        AND s.upstream_model = t.upstream_model AND s.closed_at IS NULL) AS down
    FROM model_targets t WHERE t.model_id = ${model.id}`);
  const found = new Map(
    z
      .array(Row)
      .parse([...rows])
      .map((row) => [`${row.provider_id} ${row.upstream_model}`, row]),
  );
  return model.targets.map((target) => {
    const row = found.get(`${target.provider_id} ${target.upstream_model}`);
    const down = ctx.actor.role === "admin" ? (row?.down ?? false) : null;
    return { ...target, price_since: row?.since ?? null, down };
  });
}
