import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { instantField } from "#lib/services/fields";
import { ownerNameField, ownerNames } from "#lib/services/owners";

/** Who was rejected, and why. */
const rejectionFields = {
  code: z.string().describe("The error code that the client got."),
  organization_id: z.uuid().nullable().describe("Null for an unknown caller."),
  organization_name: ownerNameField,
  user_id: z.uuid().nullable(),
  user_name: ownerNameField,
  api_key_id: z.uuid().nullable(),
  api_key_name: ownerNameField,
  key_prefix: z.string().nullable().describe("Of the API key, or of what an unknown caller sent as one."),
  app_id: z.uuid().nullable(),
  app_name: ownerNameField,
  model: z
    .string()
    .nullable()
    .describe("As requested. Null if none was read, or if too many different ones were requested."),
  count: z.int().min(1),
  last_at: instantField,
  last_message: z.string().describe("The message of the latest rejection."),
};

/** Rejections of one kind within an hour. */
export const Rejection = z
  .object({
    id: z.string().describe("Groups are numbered by their first rejection."),
    hour: instantField.describe("Start of the hour, in UTC."),
    ...rejectionFields,
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

/** The names of a kind's owners. */
export const rejectionNames = {
  ...ownerNames,
  keyPrefix: sql<string | null>`coalesce(${apiKeys.keyPrefix}, ${rejectionsHourly.keyPrefix})`,
};

const columns = {
  id: rejectionsHourly.id,
  hour: rejectionsHourly.hour,
  ...kindColumns,
  count: rejectionsHourly.rejections,
  lastAt: rejectionsHourly.lastAt,
  lastMessage: rejectionsHourly.lastMessage,
  ...rejectionNames,
};

/** Rejections by the hour, joined with their owners. */
export const selectRejections = (db: Db | Tx) =>
  db
    .select(columns)
    .from(rejectionsHourly)
    .leftJoin(organizations, eq(organizations.id, rejectionsHourly.organizationId))
    .leftJoin(users, eq(users.id, rejectionsHourly.userId))
    .leftJoin(apiKeys, eq(apiKeys.id, rejectionsHourly.apiKeyId))
    .leftJoin(apps, eq(apps.id, rejectionsHourly.appId));

type SelectedRow = Awaited<ReturnType<typeof selectRejections>>[number];

export function toRejection(row: SelectedRow): Rejection {
  return { id: String(row.id), hour: row.hour.toISOString(), ...toFields(row) };
}

/** The fields that a list and a sum have in common. */
export const toFields = (row: Omit<SelectedRow, "id" | "hour">) => ({
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
  count: row.count,
  last_at: row.lastAt.toISOString(),
  last_message: row.lastMessage,
});
