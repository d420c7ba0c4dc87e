import { and, desc, eq, gte, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField } from "#lib/services/fields";
import { type Page, pageQuery } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { type Rejection, selectRejections, toRejection } from "./rejection";

export const ListRejectionsQuery = z.strictObject({
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
export async function listRejections(
  ctx: ServiceContext,
  query: z.input<typeof ListRejectionsQuery> = {},
): Promise<Page<Rejection>> {
  const filter = parseInput(ListRejectionsQuery, query);
  const rows = await selectRejections(ctx.db)
    .where(and(visibleTo(ctx.actor, rejectionsHourly), ...conditions(filter)))
    .orderBy(desc(rejectionsHourly.id))
    .limit(filter.limit + 1);
  const shown = rows.slice(0, filter.limit).map(toRejection);
  return { data: shown, next_cursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null };
}

function conditions(filter: z.output<typeof ListRejectionsQuery>): (SQL | undefined)[] {
  const { from, to, organization_id, user_id, api_key_id, app_id, code, cursor } = filter;
  return [
    from === undefined ? undefined : gte(rejectionsHourly.hour, new Date(from)),
    to === undefined ? undefined : lt(rejectionsHourly.hour, new Date(to)),
    organization_id === undefined ? undefined : eq(rejectionsHourly.organizationId, organization_id),
    user_id === undefined ? undefined : eq(rejectionsHourly.userId, user_id),
    api_key_id === undefined ? undefined : eq(rejectionsHourly.apiKeyId, api_key_id),
    app_id === undefined ? undefined : eq(rejectionsHourly.appId, app_id),
    code === undefined ? undefined : eq(rejectionsHourly.code, code),
    cursor === undefined ? undefined : lt(rejectionsHourly.id, Number(cursor)),
  ];
}
