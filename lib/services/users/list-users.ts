import { and, eq, ilike, or, type SQL } from "drizzle-orm";
import { z } from "zod";
import { paymentStatus, role, users } from "#lib/db/schema/identity";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { hasMetadata, metadataFilter } from "#lib/services/metadata";
import { pageOf } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { verb } from "#lib/services/verb";
import { paymentEndsWithin, paymentStatusToday } from "./payment-status";
import { toUser, User, userColumns } from "./user";
import { visibleUsers } from "./user-access";

/** What a list of users, and a change of many, may be narrowed by. */
export const userFilter = {
  organization_id: z.uuid().optional(),
  payment_status: z.enum(paymentStatus.enumValues).optional(),
  payment_ends_within_days: z.coerce
    .number()
    .int()
    .min(0)
    .max(3660)
    .optional()
    .describe("Users whose payment is active and ends within so many days. 0: today."),
  role: z.enum(role.enumValues).optional(),
  metadata: metadataFilter,
  external_id: textField(200).optional().describe("Users with exactly this external id."),
  search: textField(100).optional().describe("Part of the e-mail address, the name or the external id."),
};
type UserFilter = z.output<z.ZodObject<typeof userFilter>>;

export const userFilterConditions = ({ search, ...filter }: UserFilter): (SQL | undefined)[] => [
  filter.organization_id ? eq(users.organizationId, filter.organization_id) : undefined,
  filter.payment_status ? eq(paymentStatusToday, filter.payment_status) : undefined,
  filter.payment_ends_within_days === undefined
    ? undefined
    : paymentEndsWithin(filter.payment_ends_within_days),
  filter.external_id === undefined ? undefined : eq(users.externalId, filter.external_id),
  filter.role ? eq(users.role, filter.role) : undefined,
  hasMetadata(users.metadata, filter.metadata),
  search
    ? or(...[users.email, users.name, users.externalId].map((column) => ilike(column, containsText(search))))
    : undefined,
];

/** The users that the actor may see, newest first. */
export const listUsers = verb({
  role: "viewer",
  input: z.strictObject({ ...userFilter, ...createdPageQuery }),
  output: pageOf(User),
  run: async (ctx, { limit, cursor, ...filter }) => {
    const page = createdPage(users, { limit, cursor });
    const query = ctx.db
      .select({ ...userColumns, createdMicros: page.createdMicros })
      .from(users)
      .where(and(visibleUsers(ctx.actor), ...userFilterConditions(filter), page.after));
    return page.read(query, toUser);
  },
});
