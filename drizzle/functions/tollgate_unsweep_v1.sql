-- Undoes sweeps, within the late settlement that knows better: the rows are held again, counters are as they were
-- before the sweep, and pending usage takes back what the sweep counted.
--
-- Arguments:
--   p_ids   ledger rows; those that are not swept are ignored
-- Returns: nothing.
-- Locks: none of its own. The caller has locked the rows and their counters.
-- Called by: tollgate_settle_late_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_unsweep_v1(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO usage_pending (
    at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
    input_tokens, output_tokens, cached_tokens, cost_usd, metadata_id
  )
  SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, -1, CASE WHEN l.http_status >= 400 THEN -1 ELSE 0 END,
    -l.input_tokens, -l.output_tokens, -l.cached_tokens, -l.cost_usd, l.metadata_id
  FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept';
  UPDATE counters c SET held_usd = c.held_usd + s.held, spent_usd = c.spent_usd - s.spent,
    open_holds = c.open_holds + s.reopened
  FROM (
    SELECT b.id, sum(l.hold_usd) AS held, sum(l.cost_usd) AS spent,
      count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS reopened
    FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (p_ids) AND l.status = 'swept' GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET status = 'held', cost_usd = 0, error_code = NULL
  WHERE l.id = ANY (p_ids) AND l.status = 'swept';
$$;
