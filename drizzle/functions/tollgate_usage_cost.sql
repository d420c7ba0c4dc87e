-- What the requests of a scope in one organization have cost, by their `created_at`. Exact in the snapshot of the
-- statement that calls it: rollups, pending usage, and the ledger where tollgate_backfill_usage_v1 has not come to.
--
-- Arguments: p_from and p_to (exclusive) are starts of hours. Days that lie within them are read from the daily rollup.
-- Called by: tollgate_rebucket_v1. Unversioned: an old replica's function calls whichever is there.
CREATE OR REPLACE FUNCTION tollgate_usage_cost(
  p_scope_type scope_type, p_scope_id uuid, p_organization uuid, p_from timestamptz, p_to timestamptz
) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_is_scope constant text := format('%I = $1 AND organization_id = $2', CASE p_scope_type
    WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id' WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END);
  v_first constant timestamptz := date_trunc('day', p_from + interval '1 day' - interval '1 microsecond', 'UTC');
  v_end constant timestamptz := greatest(v_first, date_trunc('day', least(p_to, '9999-01-01'), 'UTC'));
  v_cost numeric;
BEGIN
  EXECUTE format(
    'WITH g AS MATERIALIZED (SELECT id FROM usage_groups WHERE cut = %L %s AND %s)
    SELECT coalesce(sum(u.cost_usd), 0) FROM (
      SELECT d.cost_usd FROM g JOIN usage_days d ON d.group_id = g.id
      WHERE d.day >= ($5 AT TIME ZONE ''UTC'')::date AND d.day < ($6 AT TIME ZONE ''UTC'')::date
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= $3 AND q.at < least($4, $5)
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= greatest($3, $6) AND q.at < $4
      UNION ALL
      SELECT p.cost_usd FROM usage_pending p, ledger_state s
      WHERE %s AND at >= $3 AND at < $4 AND (at >= s.rolled_up_from OR at < s.kept_from)
      UNION ALL
      SELECT l.cost_usd FROM ledger_state s, ledger l
      WHERE s.rolled_up_from > s.kept_from AND %s AND l.status IN (''settled'', ''released'', ''swept'')
        AND l.created_at >= greatest($3, s.kept_from) AND l.created_at < least($4, s.rolled_up_from)
        AND l.id >= tollgate_id_floor(greatest($3 - interval ''1 hour'', s.kept_from - interval ''1 hour'', ''epoch''))
        AND l.id < tollgate_id_floor(least($4, s.rolled_up_from) + interval ''1 hour'')
    ) u',
    CASE p_scope_type WHEN 'organization' THEN 'organization' ELSE 'caller' END,
    CASE p_scope_type WHEN 'organization' THEN 'AND model = ''''' END, v_is_scope, v_is_scope, v_is_scope)
  INTO v_cost USING p_scope_id, p_organization, p_from, p_to, v_first, v_end;
  RETURN v_cost;
END $$;
