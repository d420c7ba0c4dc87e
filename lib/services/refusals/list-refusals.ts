import { and, desc, eq, gte, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { refusalsHourly } from "#lib/db/schema/refusals";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField } from "#lib/services/fields";
import { type Page, pageQuery } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { type Refusal, selectRefusals, toRefusal } from "./refusal";

export const ListRefusalsQuery = z.strictObject({
  from: momentField.optional().describe("By the hour, inclusive."),
  to: momentField.optional().describe("Exclusive."),
  organization_id: z.uuid("Give an organization's id.").optional(),
  user_id: z.uuid("Give a user's id.").optional(),
  api_key_id: z.uuid("Give a key's id.").optional(),
  app_id: z.uuid("Give an app's id.").optional(),
  code: textField(100).min(1).optional(),
  limit: pageQuery.limit,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "is not a cursor of this list")
    .optional(),
});

/**
 * What was refused before anything was held, by the hour, newest first: administrators see all,
 * `org_admin` and `viewer` their organization's, a member their own.
 * @throws ServiceError "invalid"
 */
export async function listRefusals(
  ctx: ServiceContext,
  query: z.input<typeof ListRefusalsQuery> = {},
): Promise<Page<Refusal>> {
  const filter = parseInput(ListRefusalsQuery, query);
  const rows = await selectRefusals(ctx.db)
    .where(and(visibleTo(ctx.actor, refusalsHourly), ...conditions(filter)))
    .orderBy(desc(refusalsHourly.id))
    .limit(filter.limit + 1);
  const shown = rows.slice(0, filter.limit).map(toRefusal);
  return { data: shown, next_cursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null };
}

function conditions(filter: z.output<typeof ListRefusalsQuery>): (SQL | undefined)[] {
  const { from, to, organization_id, user_id, api_key_id, app_id, code, cursor } = filter;
  return [
    from === undefined ? undefined : gte(refusalsHourly.hour, new Date(from)),
    to === undefined ? undefined : lt(refusalsHourly.hour, new Date(to)),
    organization_id === undefined ? undefined : eq(refusalsHourly.organizationId, organization_id),
    user_id === undefined ? undefined : eq(refusalsHourly.userId, user_id),
    api_key_id === undefined ? undefined : eq(refusalsHourly.apiKeyId, api_key_id),
    app_id === undefined ? undefined : eq(refusalsHourly.appId, app_id),
    code === undefined ? undefined : eq(refusalsHourly.code, code),
    cursor === undefined ? undefined : lt(refusalsHourly.id, Number(cursor)),
  ];
}
