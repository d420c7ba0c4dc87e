import { sql } from "drizzle-orm";
import { z } from "zod";
import { parseRates } from "#lib/credit/prices/price";
import { priceSource } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import { idField, instantField } from "#lib/services/fields";
import { numberedPageQuery, pageOf, toPage } from "#lib/services/page";
import { Price, priceOf } from "#lib/services/prices/price";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { readModel } from "./model";

/** A price that a target of a model has or had. */
const ModelPrice = z
  .object({
    provider_id: z.uuid(),
    provider_name: z.string().nullable().describe("Null if the provider was deleted."),
    upstream_model: z.string(),
    price: Price,
    price_source: z.enum(priceSource.enumValues),
    price_version_id: z.uuid(),
    since: instantField,
    until: instantField.nullable().describe("Null for the last price of the target."),
  })
  .meta({ id: "ModelPrice" });
export type ModelPrice = z.output<typeof ModelPrice>;

const Row = z.object({
  id: z.coerce.string(),
  provider_id: z.uuid(),
  provider_name: z.string().nullable(),
  upstream_model: z.string(),
  price_version_id: z.uuid(),
  price_source: z.enum(priceSource.enumValues),
  rates: z.unknown(),
  since: z.string(),
  until: z.string().nullable(),
});

/**
 * The prices of a model's targets and since when, newest first.
 * @throws ServiceError "not_found"
 */
export const listModelPrices = verb({
  role: "viewer",
  input: z.strictObject({ id: idField("model"), ...numberedPageQuery }),
  output: pageOf(ModelPrice),
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { id, limit, cursor }) => {
    if ((await readModel(ctx.db, id)) === null) throw notFound("model");
    const rows = await ctx.db.execute(sql`
      SELECT * FROM (
        SELECT h.id, h.provider_id, p.name AS provider_name, h.upstream_model, h.price_version_id,
          v.source AS price_source, v.rates, ${iso(sql`h.since`)} AS since,
          ${iso(sql`lead(h.since) OVER (PARTITION BY h.provider_id, h.upstream_model ORDER BY h.id)`)} AS until
        FROM target_prices h
        JOIN price_versions v ON v.id = h.price_version_id
        LEFT JOIN providers p ON p.id = h.provider_id
        WHERE h.model_id = ${id}
      ) history
      ${cursor === undefined ? sql`` : sql`WHERE id < ${cursor}::bigint`}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return toPage(z.array(Row).parse([...rows]), limit, ({ id: _, rates, ...row }) => ({
      ...row,
      price: priceOf(parseRates(rates)),
    }));
  },
});

const iso = (time: ReturnType<typeof sql>) =>
  sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
