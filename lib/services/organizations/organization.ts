import { z } from "zod";
import { failureMode, hangUp, organizations } from "#lib/db/schema/identity";
import { instantField, nameField, usdField } from "#lib/services/fields";
import { Budget, limitFields, limitsOf, RateLimits } from "#lib/services/limits";
import { usdText } from "#lib/services/usd-text";

/** An organization as the contract shows it. Times are ISO 8601 in UTC, money US dollars. */
export const Organization = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["active", "suspended"]),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    failure_mode: z.enum(failureMode.enumValues),
    fail_open_allowance_usd: usdField.nullable(),
    on_hang_up: z.enum(hangUp.enumValues),
    suspended_at: instantField.nullable(),
    created_at: instantField,
  })
  .meta({ id: "Organization" });
export type Organization = z.output<typeof Organization>;

/** What is given when an organization is made, and in part when it is changed. */
export const organizationFields = {
  name: nameField.describe("Unique among organizations."),
  ...limitFields,
  failure_mode: z
    .enum(failureMode.enumValues)
    .describe("What happens to its requests while the database or Redis cannot be reached."),
  fail_open_allowance_usd: usdField
    .nullable()
    .describe("How much each replica may let through on `fail_open` before it refuses."),
  on_hang_up: z
    .enum(hangUp.enumValues)
    .describe(
      "What becomes of an answer whose client hangs up: `abort` cuts it off and charges an estimate, `drain` reads it to its end (a minute at most) and charges the provider's own usage.",
    ),
};

type OrganizationRow = Omit<typeof organizations.$inferSelect, "version">;

/** The columns behind an `Organization`. */
export const organizationColumns = {
  id: organizations.id,
  name: organizations.name,
  suspendedAt: organizations.suspendedAt,
  failureMode: organizations.failureMode,
  failOpenAllowanceUsd: organizations.failOpenAllowanceUsd,
  onHangUp: organizations.onHangUp,
  budgetLimitUsd: organizations.budgetLimitUsd,
  budgetPeriod: organizations.budgetPeriod,
  budgetSoftPercent: organizations.budgetSoftPercent,
  maxConcurrent: organizations.maxConcurrent,
  rateLimits: organizations.rateLimits,
  createdAt: organizations.createdAt,
};

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    status: row.suspendedAt === null ? "active" : "suspended",
    ...limitsOf(row),
    failure_mode: row.failureMode,
    fail_open_allowance_usd: row.failOpenAllowanceUsd === null ? null : usdText(row.failOpenAllowanceUsd),
    on_hang_up: row.onHangUp,
    suspended_at: row.suspendedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
