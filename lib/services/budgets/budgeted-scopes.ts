import { sql } from "drizzle-orm";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";

/** All scopes with a budget, as rows of one shape, for use in `from`. */
export const budgetedScopes = sql`(
  select 'organization'::scope_type as scope_type, id as scope_id, id as organization_id, null::uuid as user_id, name,
    budget_limit_usd, budget_period, budget_soft_percent
  from ${organizations} where budget_limit_usd is not null
  union all
  select 'user', id, organization_id, id, coalesce(name, email), budget_limit_usd, budget_period, budget_soft_percent
  from ${users} where budget_limit_usd is not null
  union all
  select 'api_key', id, organization_id, user_id, name, budget_limit_usd, budget_period, budget_soft_percent
  from ${apiKeys} where budget_limit_usd is not null
  union all
  select 'app', id, organization_id, null, name, budget_limit_usd, budget_period, budget_soft_percent
  from ${apps} where budget_limit_usd is not null
)`;
