import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import { keyPrefix, newApiKey, secretHasher } from "#lib/auth/api-key";
import type { Period } from "#lib/db/schema/columns";
import type { Random } from "./random";

export type ScopeType = "organization" | "user" | "api_key" | "app";
export const TABLES = {
  organization: "organizations",
  user: "users",
  api_key: "api_keys",
  app: "apps",
} as const;

/** A scope and its limits now. */
export type LimitedScope = {
  type: ScopeType;
  id: string;
  organizationId: string;
  name: string;
  period: Period;
  /** USD; null: no budget. */
  limitUsd: string | null;
  maxConcurrent: number | null;
};

export type Tenants = {
  limited: LimitedScope[];
  /** The headers that authenticate each caller. */
  callers: Record<string, string>[];
};

type Organization = { name: string; budgetUsd: string | null; settings: Record<string, string | null> };

/** One organization for each failure mode, and one without budgets. */
const ORGANIZATIONS: readonly Organization[] = [
  { name: "closed", budgetUsd: "0.5", settings: { failure_mode: "fail_closed", on_hang_up: "abort" } },
  {
    name: "open",
    budgetUsd: "0.5",
    settings: { failure_mode: "fail_open", fail_open_allowance_usd: "0.2", on_hang_up: "drain" },
  },
  { name: "unlimited", budgetUsd: null, settings: { failure_mode: "fail_closed", on_hang_up: "abort" } },
];
const USERS = 3;
const KEYS_EACH = 2;
const PERIODS: readonly Period[] = ["day", "week", "month", "total"];

/** Creates the organizations, users, keys and apps of the run, with budgets and concurrency limits. */
export async function seedTenants(
  sql: postgres.Sql,
  encryptionKey: string,
  random: Random,
): Promise<Tenants> {
  const hashSecret = secretHasher(encryptionKey);
  const tenants: Tenants = { limited: [], callers: [] };

  async function scope(
    type: ScopeType,
    name: string,
    row: Record<string, string | Buffer | null>,
    organizationId: string | null,
    budgetUsd: string | null,
  ): Promise<string> {
    const id = randomUUID();
    const limits = {
      budget_limit_usd: budgetUsd,
      budget_period: random.pick(PERIODS),
      max_concurrent: type !== "organization" && random.chance(0.3) ? random.whole(2, 6) : null,
    };
    await sql`INSERT INTO ${sql(TABLES[type])} ${sql({ id, ...row, ...limits })}`;
    tenants.limited.push({
      type,
      id,
      organizationId: organizationId ?? id,
      name,
      period: limits.budget_period,
      limitUsd: budgetUsd,
      maxConcurrent: limits.max_concurrent,
    });
    return id;
  }

  for (const { name, budgetUsd, settings } of ORGANIZATIONS) {
    const within = (usd: string) => (budgetUsd === null ? null : usd);
    const organization = await scope("organization", name, { name, ...settings }, null, budgetUsd);
    for (let u = 0; u < USERS; u++) {
      const userName = `${name}/user-${u}`;
      const person = { email: `${name}-${u}@example.com`, organization_id: organization };
      const user = await scope("user", userName, person, organization, within("0.15"));
      for (let k = 0; k < KEYS_EACH; k++) {
        const key = newApiKey("live");
        const keyRow = {
          name: `${userName}/key-${k}`,
          organization_id: organization,
          user_id: user,
          key_hash: hashSecret(key),
          key_prefix: keyPrefix(key),
        };
        await scope("api_key", keyRow.name, keyRow, organization, within("0.06"));
        tenants.callers.push({ authorization: `Bearer ${key}` });
      }
    }
    const secret = randomBytes(24).toString("hex");
    const app = { name: `${name}/app`, organization_id: organization, secret_hash: hashSecret(secret) };
    const appId = await scope("app", app.name, app, organization, within("0.1"));
    tenants.callers.push({ "x-gateway-secret": secret, "x-app-id": appId });
  }
  return tenants;
}
