-- What the counters have spent.
UPDATE counters c SET spent_usd = s.spent
FROM (
  SELECT b.id, b.month, sum(b.spent) AS spent FROM (
    SELECT v.id, date_trunc('month', h.hour, 'UTC') AS month, sum(h.cost_usd) AS spent
    FROM usage_hourly h,
      LATERAL (VALUES (h.organization_id), (h.user_id), (h.api_key_id), (h.app_id)) AS v (id)
    WHERE v.id IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT organization_id, date_trunc('month', created_at, 'UTC'), cost_usd FROM ledger WHERE adjusted_by IS NOT NULL
  ) b GROUP BY 1, 2
) s
WHERE c.scope_id = s.id AND c.period_start = s.month;
