-- The rollup of the requests from $1 on and before $2, as tollgate_settle_v1 keeps it.
INSERT INTO usage_hourly (
  hour, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens, output_tokens,
  cached_tokens, cost_usd
)
SELECT date_trunc('hour', created_at, 'UTC'), organization_id, user_id, api_key_id, app_id, model, provider, count(*),
  count(*) FILTER (WHERE http_status >= 400), sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cost_usd)
FROM ledger
WHERE id >= tollgate_id_floor($1::timestamptz) AND id < tollgate_id_floor($2::timestamptz) AND status <> 'adjustment'
GROUP BY 1, 2, 3, 4, 5, 6, 7
