import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import type { ScopeType } from "#lib/db/schema/credit";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { invalidField, notFoundMessage, ServiceError } from "#lib/http/errors";
import type { AdjustedScope } from "./charge-adjustment";

const FIELDS = {
  organization_id: { type: "organization", noun: "organization" },
  user_id: { type: "user", noun: "user" },
  api_key_id: { type: "api_key", noun: "API key" },
  app_id: { type: "app", noun: "app" },
} as const satisfies Record<string, { type: ScopeType; noun: string }>;

/** Exactly one scope with a budget. */
export const AdjustmentScope = z
  .strictObject({
    organization_id: z.uuid("Must be a UUID.").optional(),
    user_id: z.uuid("Must be a UUID.").optional(),
    api_key_id: z.uuid("Must be a UUID.").optional(),
    app_id: z.uuid("Must be a UUID.").optional(),
  })
  .refine(
    (scope) => Object.values(scope).filter((id) => id !== undefined).length === 1,
    "Set exactly one of organization_id, user_id, api_key_id and app_id.",
  )
  .describe("Exactly one of these.");

/**
 * Finds the scope to adjust and locks it against deletion.
 * @throws ServiceError "not_found", "invalid" for a user without an organization
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
      throw invalidField("scope.user_id", "This user belongs to no organization and has no usage.");
    }
    return { ...row, type, organizationId };
  }
  throw new Error("a parsed scope is empty");
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
