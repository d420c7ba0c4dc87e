import { type AnyColumn, and, eq, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { z } from "zod";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { userName } from "#lib/services/users/user-name";

const idFilter = (name: string) => z.uuid(`\`${name}\` must be a UUID.`).optional();

/** Filters of a list by who its rows belong to. */
export const ownerFilters = {
  organization_id: idFilter("organization_id"),
  user_id: idFilter("user_id"),
  api_key_id: idFilter("api_key_id"),
  app_id: idFilter("app_id"),
};

export type OwnerFilters = {
  organization_id?: string | undefined;
  user_id?: string | undefined;
  api_key_id?: string | undefined;
  app_id?: string | undefined;
};

type Owner = "organizationId" | "userId" | "apiKeyId" | "appId";
type OwnerColumns = Record<Owner, AnyColumn>;
/** The same of a subquery. */
type OwnerValues = Record<Owner, SQLWrapper>;

/** The condition that a row belongs to the owners of a filter; undefined without one. */
export function ownedBy(columns: OwnerColumns, filters: OwnerFilters): SQL | undefined {
  return and(
    equals(columns.organizationId, filters.organization_id),
    equals(columns.userId, filters.user_id),
    equals(columns.apiKeyId, filters.api_key_id),
    equals(columns.appId, filters.app_id),
  );
}

/** The condition of an optional filter. */
export const equals = (column: AnyColumn, value: string | undefined): SQL | undefined =>
  value === undefined ? undefined : eq(column, value);

/**
 * How a query joins the owners of its rows. A user or key that has moved to another organization is no longer the
 * row's owner, so that nothing of what it is there shows.
 */
export const joinsOwner = (columns: OwnerValues) => ({
  organization: eq(organizations.id, columns.organizationId),
  user: and(eq(users.id, columns.userId), eq(users.organizationId, columns.organizationId)),
  apiKey: and(eq(apiKeys.id, columns.apiKeyId), eq(apiKeys.organizationId, columns.organizationId)),
  app: eq(apps.id, columns.appId),
});

/** The names of a row's owners, in a query that joins their tables by `joinsOwner`. */
export const ownerNames = (columns: OwnerValues) => ({
  organizationName: organizations.name,
  userName: sql<string | null>`coalesce(${userName}, ${formerly("name", columns, columns.userId)})`,
  apiKeyName: sql<string | null>`coalesce(${apiKeys.name}, ${formerly("name", columns, columns.apiKeyId)})`,
  apiKeyPrefix: sql<
    string | null
  >`coalesce(${apiKeys.keyPrefix}, ${formerly("keyPrefix", columns, columns.apiKeyId)})`,
  appName: apps.name,
});

/** What the row's organization called a user or key that has moved on. Evaluated only for those. */
const formerly = (name: "name" | "keyPrefix", { organizationId }: OwnerValues, id: SQLWrapper): SQL =>
  sql`(select ${formerNames[name]} from ${formerNames}
    where ${formerNames.organizationId} = ${organizationId} and ${formerNames.subjectId} = ${id})`;

/** The name of an owner in an answer. */
export const ownerNameField = z
  .string()
  .nullable()
  .describe(
    "Null if there is none or it was deleted. Of a user or key that has moved to another organization: the name at that time.",
  );

/** The user and the API key that a row belongs to. */
export const userAndKeyFields = {
  user_id: z.uuid().nullable(),
  user_name: ownerNameField,
  api_key_id: z.uuid().nullable(),
  api_key_name: ownerNameField,
};
