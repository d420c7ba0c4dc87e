-- The budget of a scope, whose it is, and the scope's name; no row without a budget.
--
-- Called by: tollgate_first_alert, tollgate_raise_budget_events_v1.
CREATE OR REPLACE FUNCTION tollgate_budget_of(p_type scope_type, p_id uuid)
RETURNS TABLE (organization_id uuid, user_id uuid, name text, limit_usd numeric, period period, soft_percent smallint)
LANGUAGE sql STABLE AS $$
  SELECT o.id, NULL::uuid, o.name, o.budget_limit_usd, o.budget_period, o.budget_soft_percent
  FROM organizations o WHERE p_type = 'organization' AND o.id = p_id AND o.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT u.organization_id, u.id, coalesce(u.name, u.email, u.external_id), u.budget_limit_usd, u.budget_period, u.budget_soft_percent
  FROM users u WHERE p_type = 'user' AND u.id = p_id AND u.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT k.organization_id, k.user_id, k.name, k.budget_limit_usd, k.budget_period, k.budget_soft_percent
  FROM api_keys k WHERE p_type = 'api_key' AND k.id = p_id AND k.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT a.organization_id, NULL, a.name, a.budget_limit_usd, a.budget_period, a.budget_soft_percent
  FROM apps a WHERE p_type = 'app' AND a.id = p_id AND a.budget_limit_usd IS NOT NULL
$$;
