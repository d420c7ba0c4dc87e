import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { instantField } from "#lib/services/fields";

const nameField = z.string().nullable().describe("Null where there is none, or no longer.");

/** Who was refused, and why. */
export const rejectionFields = {
  code: z.string().describe("As the refused requests were answered."),
  organization_id: z.uuid().nullable().describe("Null for a caller that nobody knows."),
  organization_name: nameField,
  user_id: z.uuid().nullable(),
  user_name: nameField,
  api_key_id: z.uuid().nullable(),
  api_key_name: nameField,
  key_prefix: z
    .string()
    .nullable()
    .describe("Of the key, or of what an unknown caller has presented as one."),
  app_id: z.uuid().nullable(),
  app_name: nameField,
  model: z.string().nullable().describe("As it was asked for. Null where none was known, or too many were."),
  count: z.int().min(1),
  last_at: instantField,
  last_message: z.string().describe("What the last of them was told."),
};

/** Rejections of one kind within an hour. */
export const Rejection = z
  .object({
    id: z.string().describe("Groups are numbered in the order of their first rejection."),
    hour: instantField.describe("The beginning of the hour, in UTC."),
    ...rejectionFields,
  })
  .meta({ id: "Rejection" });
export type Rejection = z.output<typeof Rejection>;

/** The names of what a row names. */
export const rejectionNames = {
  organizationName: organizations.name,
  userName: sql<string | null>`coalesce(${users.name}, ${users.email})`,
  apiKeyName: apiKeys.name,
  keyPrefix: sql<string | null>`coalesce(${apiKeys.keyPrefix}, ${rejectionsHourly.keyPrefix})`,
  appName: apps.name,
};

const columns = {
  id: rejectionsHourly.id,
  hour: rejectionsHourly.hour,
  code: rejectionsHourly.code,
  organizationId: rejectionsHourly.organizationId,
  userId: rejectionsHourly.userId,
  apiKeyId: rejectionsHourly.apiKeyId,
  appId: rejectionsHourly.appId,
  model: rejectionsHourly.model,
  count: rejectionsHourly.rejections,
  lastAt: rejectionsHourly.lastAt,
  lastMessage: rejectionsHourly.lastMessage,
  ...rejectionNames,
};

/** The hours' rejections, joined with what they name. */
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

/** What every form of the list says. */
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
