import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { keyPrefix, newApiKey, secretHasher } from "#lib/auth/api-key";
import { formatUsd, parseUsd } from "#lib/credit/money";
import type { LimitedScope } from "../tenants";
import type { AttackName } from "./attack";
import { attacks } from "./attacks";

/** A scope with a hard budget that never changes, of an attack's organization. */
export type FixedScope = LimitedScope & { limitUsd: string; attack: AttackName };

export type HostileTenants = {
  scopes: FixedScope[];
  /** The secrets of each attack's keys. */
  keys: Record<AttackName, string[]>;
};

const KEYS = 40;
/** So that the budgets of the user and of the organization bind too, near the end of a run. */
const USER_BUDGET_KEYS = 30n;
const ORGANIZATION_BUDGET_KEYS = 28n;

/** Creates an organization for each attack, with one user and many keys, each with a hard budget. */
export async function seedHostileTenants(sql: postgres.Sql, encryptionKey: string): Promise<HostileTenants> {
  const hashSecret = secretHasher(encryptionKey);
  const tenants: HostileTenants = {
    scopes: [],
    keys: { "output-bounds": [], "hidden-output": [], media: [], "errors-in-200": [] },
  };
  for (const { name: attack, keyBudgetUsd } of attacks) {
    const [organizationId, userId] = [randomUUID(), randomUUID()];
    const limits = (budget_limit_usd: string) => ({ budget_limit_usd, budget_period: "total" });
    const note = (type: FixedScope["type"], id: string, name: string, limitUsd: string) =>
      tenants.scopes.push({
        type,
        id,
        name,
        attack,
        organizationId,
        limitUsd,
        period: "total",
        maxConcurrent: null,
      });
    const organizationUsd = formatUsd(parseUsd(keyBudgetUsd) * ORGANIZATION_BUDGET_KEYS);
    const organization = { id: organizationId, name: attack, ...limits(organizationUsd) };
    await sql`INSERT INTO organizations ${sql({ ...organization, failure_mode: "fail_closed", on_hang_up: "abort" })}`;
    note("organization", organizationId, attack, organizationUsd);
    const userUsd = formatUsd(parseUsd(keyBudgetUsd) * USER_BUDGET_KEYS);
    const user = { id: userId, organization_id: organizationId, email: `${attack}@example.com` };
    await sql`INSERT INTO users ${sql({ ...user, ...limits(userUsd) })}`;
    note("user", userId, `${attack}/user`, userUsd);
    for (let at = 0; at < KEYS; at++) {
      const key = newApiKey("live");
      const row = {
        id: randomUUID(),
        name: `${attack}/key-${at}`,
        organization_id: organizationId,
        user_id: userId,
        key_hash: hashSecret(key),
        key_prefix: keyPrefix(key),
        ...limits(keyBudgetUsd),
      };
      await sql`INSERT INTO api_keys ${sql(row)}`;
      note("api_key", row.id, row.name, keyBudgetUsd);
      tenants.keys[attack].push(key);
    }
  }
  return tenants;
}
