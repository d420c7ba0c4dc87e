-- What is hard to find: three requests of the eighth day, of a quiet app, with a tag, a model and a provider of their own.
INSERT INTO ledger (
  id, created_at, settled_at, status, organization_id, app_id, endpoint, model, provider, upstream_model, tags, input_tokens,
  output_tokens, hold_usd, cost_usd, usage_source, http_status, error_code, latency_ms, counter_ids
)
SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(n::text, 12, '0'))::uuid,
  at, at + interval '1 second', 'settled', a.organization_id, a.id, 'completions', 'retired-model', 'retired', 'retired-model',
  ARRAY['rare'], 100, 10, 0.01, 0.001, 'provider', 200, 'rare_error', 1000,
  array(SELECT c.id FROM counters c WHERE c.scope_id IN (a.id, a.organization_id)
    AND c.period_start = date_trunc('month', at, 'UTC') ORDER BY c.id)
FROM generate_series(1, 3) n, apps a, LATERAL (SELECT current_setting('bench.start')::timestamptz
  + interval '8 days' + n * interval '1 minute' AS at) t
WHERE a.external_id = 'app-40';

INSERT INTO ledger (
  id, created_at, settled_at, status, organization_id, endpoint, model, cost_usd, reason, adjusted_by, counter_ids
)
SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008001' || lpad(i::text, 12, '0'))::uuid,
  at, at, 'adjustment', o.id, 'adjustment', 'adjustment', -1, 'Refund', 'bench', ARRAY[c.id]
FROM generate_series(1, 20) i
CROSS JOIN LATERAL (SELECT current_setting('bench.start')::timestamptz + interval '9 days' + i * interval '1 minute' AS at) t
JOIN bench.organizations o ON o.n = i
JOIN counters c ON c.scope_id = o.id AND c.period_start = date_trunc('month', at, 'UTC');
