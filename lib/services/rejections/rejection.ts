import { sql } from "drizzle-orm";
import { z } from "zod";
import { timeOf } from "#lib/credit/request-id";
import type { Db, Tx } from "#lib/db/client";
import { period } from "#lib/db/schema/columns";
import { scopeType } from "#lib/db/schema/credit";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { type LastRejection, rejectionsHourly } from "#lib/db/schema/rejections";
import { instantField, usdField } from "#lib/services/fields";
import { joinsOwner, ownerNameField, ownerNames, userAndKeyFields } from "#lib/services/owners";

/** Who was rejected, and with which code. */
const kindFields = {
  code: z.string().describe("The error code that the client got."),
  organization_id: z.uuid().nullable().describe("Null for an unknown caller."),
  organization_name: ownerNameField,
  ...userAndKeyFields,
  key_prefix: z.string().nullable().describe("Of the API key, or of what an unknown caller sent as one."),
  app_id: z.uuid().nullable(),
  app_name: ownerNameField,
  model: z
    .string()
    .nullable()
    .describe("As requested. Null if none was read, or if too many different ones were requested."),
};

/** The budget that a request was rejected for. */
const RejectingBudget = z
  .object({
    scope: z.enum(scopeType.enumValues).describe("Whose budget it is."),
    period: z.enum(period.enumValues),
    remaining_usd: usdField.describe("What it had left, less what was held. Never negative."),
    held_usd: usdField.describe("What it held for requests in flight."),
    needed_usd: usdField
      .nullable()
      .describe(
        "The least that the request needed. Null if the budget was spent, so that the request was not read.",
      ),
  })
  .meta({ id: "RejectingBudget" });
export type RejectingBudget = z.output<typeof RejectingBudget>;

/** One rejected request. */
export const RejectedRequest = z
  .object({
    id: z.uuid().describe("The `x-request-id` of the answer."),
    at: instantField.describe("When the request arrived."),
    ...kindFields,
    message: z.string().describe("As the client got it."),
    budget: RejectingBudget.nullable().describe(
      "For `insufficient_quota` and `budget_in_flight`: the budget that had too little left. Else null.",
    ),
  })
  .meta({ id: "RejectedRequest" });
export type RejectedRequest = z.output<typeof RejectedRequest>;

/** Rejections of one kind within an hour. */
export const Rejection = z
  .object({
    id: z.string().describe("Groups are numbered by their first rejection."),
    hour: instantField.describe("Start of the hour, in UTC."),
    ...kindFields,
    count: z.int().min(1),
    last_at: instantField,
    last_message: z.string().describe("The message of the latest rejection."),
    last_request_ids: z
      .array(z.uuid())
      .describe(
        "The latest of them, latest first: at most five. Read one by its id. Empty if too many different values were requested.",
      ),
  })
  .meta({ id: "Rejection" });
export type Rejection = z.output<typeof Rejection>;

/** The columns that define a kind of rejection. */
export const kindColumns = {
  code: rejectionsHourly.code,
  organizationId: rejectionsHourly.organizationId,
  userId: rejectionsHourly.userId,
  apiKeyId: rejectionsHourly.apiKeyId,
  appId: rejectionsHourly.appId,
  model: rejectionsHourly.model,
};

const { apiKeyPrefix, ...otherNames } = ownerNames(rejectionsHourly);

/** The names of a kind's owners, in a query that joins them. */
export const rejectionNames = {
  ...otherNames,
  keyPrefix: sql<string | null>`coalesce(${apiKeyPrefix}, ${rejectionsHourly.keyPrefix})`,
};

/** How a query joins them. */
export const joinsRejected = joinsOwner(rejectionsHourly);

const columns = {
  id: rejectionsHourly.id,
  hour: rejectionsHourly.hour,
  ...kindColumns,
  count: rejectionsHourly.rejections,
  lastAt: rejectionsHourly.lastAt,
  lastMessage: rejectionsHourly.lastMessage,
  lastRequests: rejectionsHourly.lastRequests,
  ...rejectionNames,
};

/** Rejections by the hour, joined with their owners. */
export const selectRejections = (db: Db | Tx) =>
  db
    .select(columns)
    .from(rejectionsHourly)
    .leftJoin(organizations, joinsRejected.organization)
    .leftJoin(users, joinsRejected.user)
    .leftJoin(apiKeys, joinsRejected.apiKey)
    .leftJoin(apps, joinsRejected.app);

type SelectedRow = Awaited<ReturnType<typeof selectRejections>>[number];

export const toRejection = (row: SelectedRow): Rejection => ({
  id: String(row.id),
  hour: row.hour.toISOString(),
  ...toKind(row),
  ...toCount(row),
  last_request_ids: row.lastRequests.map(({ id }) => id),
});

/** One of a row's last requests. */
export const toRejectedRequest = (row: Kind, { id, message, budget }: LastRejection): RejectedRequest => ({
  id,
  at: new Date(timeOf(id)).toISOString(),
  ...toKind(row),
  message,
  budget,
});

/** How often a kind was rejected, which a list and a sum have in common. */
export const toCount = (row: Pick<SelectedRow, "count" | "lastAt" | "lastMessage">) => ({
  count: row.count,
  last_at: row.lastAt.toISOString(),
  last_message: row.lastMessage,
});

type Kind = Omit<SelectedRow, "id" | "hour" | "count" | "lastAt" | "lastMessage" | "lastRequests">;

export const toKind = (row: Kind) => ({
  code: row.code,
  organization_id: row.organizationId,
  organization_name: row.organizationName,
  user_id: row.userId,
  user_name: row.userName,
  api_key_id: row.apiKeyId,
  api_key_name: row.apiKeyName,
  key_prefix: row.keyPrefix,
  app_id: row.appId,
  app_name: row.appName,
  model: row.model,
});
