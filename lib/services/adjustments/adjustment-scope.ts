import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { invalidField, notFoundMessage, ServiceError } from "#lib/http/errors";
import type { ScopeType } from "#lib/services/usage/scope-usage";
import type { AdjustedScope } from "./charge-adjustment";

const FIELDS = {
  organization_id: { type: "organization", noun: "organization" },
  user_id: { type: "user", noun: "user" },
  api_key_id: { type: "api_key", noun: "API key" },
  app_id: { type: "app", noun: "app" },
} as const satisfies Record<string, { type: ScopeType; noun: string }>;

/** Exactly one of what a budget can be of. */
export const AdjustmentScope = z
  .strictObject({
    organization_id: z.uuid("is not an organization's id").optional(),
    user_id: z.uuid("is not a user's id").optional(),
    api_key_id: z.uuid("is not a key's id").optional(),
    app_id: z.uuid("is not an app's id").optional(),
  })
  .refine(
    (scope) => Object.values(scope).filter((id) => id !== undefined).length === 1,
    "Give exactly one of organization_id, user_id, api_key_id, app_id.",
  )
  .describe("Exactly one of them.");

/**
 * Finds what is to be adjusted, and keeps it until the transaction ends.
 * @throws ServiceError "not_found", "invalid" for an administrator who belongs to no organization
 */
export async function findAdjustedScope(
  tx: Tx,
  asked: z.output<typeof AdjustmentScope>,
): Promise<AdjustedScope> {
  for (const field of ["organization_id", "user_id", "api_key_id", "app_id"] as const) {
    const id = asked[field];
    if (id === undefined) continue;
    const { type, noun } = FIELDS[field];
    const row = await FIND[type](tx, id);
    if (row === undefined) {
      const message = notFoundMessage(noun);
      throw new ServiceError("not_found", message, { [`scope.${field}`]: message });
    }
    const { organizationId } = row;
    if (organizationId === null) {
      throw invalidField("scope.user_id", "This user belongs to no organization, and so has used nothing.");
    }
    return { ...row, type, organizationId };
  }
  throw new Error("a checked scope names nothing");
}

const FIND = {
  organization: async (tx: Tx, id: string) =>
    (
      await tx
        .select({
          id: organizations.id,
          organizationId: organizations.id,
          budgetLimitUsd: organizations.budgetLimitUsd,
          budgetPeriod: organizations.budgetPeriod,
          createdAt: organizations.createdAt,
        })
        .from(organizations)
        .where(eq(organizations.id, id))
        .for("key share")
    )[0],
  user: (tx: Tx, id: string) => findIn(tx, users, id),
  api_key: (tx: Tx, id: string) => findIn(tx, apiKeys, id),
  app: (tx: Tx, id: string) => findIn(tx, apps, id),
};

async function findIn(tx: Tx, table: typeof users | typeof apiKeys | typeof apps, id: string) {
  const [row] = await tx
    .select({
      id: table.id,
      organizationId: table.organizationId,
      budgetLimitUsd: table.budgetLimitUsd,
      budgetPeriod: table.budgetPeriod,
      createdAt: table.createdAt,
    })
    .from(table)
    .where(eq(table.id, id))
    .for("key share");
  return row;
}
