-- The requests number $1 to $2, $3 apart from the time $4 on. What a request is like depends on two hashes of its number.
INSERT INTO ledger (
  id, created_at, settled_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
  upstream_model, stream, tags, client_request_id, session_id, input_tokens, output_tokens, cached_tokens, hold_usd,
  cost_usd, usage_source, http_status, error_code, latency_ms, ttft_ms, counter_ids
)
SELECT
  (lpad(to_hex(floor(extract(epoch FROM q.at) * 1000)::bigint), 12, '0') || '7' || substr(q.digits, 1, 3)
    || '8' || substr(q.digits, 4, 15))::uuid,
  q.at, q.at + q.latency_ms * interval '1 millisecond', q.status, p.organization_id, p.user_id, p.api_key_id, p.app_id,
  CASE WHEN m.model = 'text-embedding' THEN 'embeddings' WHEN m.provider = 'anthropic' THEN 'messages'
    WHEN q.b >> 50 & 3 = 0 THEN 'responses' ELSE 'chat/completions' END,
  m.model, m.provider, m.model || '-2026', q.streams, p.tags,
  CASE WHEN q.n % 10 < 3 THEN 'client-' || q.n END, CASE WHEN q.n % 10 < 2 THEN 'session-' || q.n / 50 END,
  q.input_tokens, q.output_tokens, CASE WHEN q.b >> 52 & 3 = 0 THEN q.input_tokens / 2 ELSE 0 END,
  round(q.input_tokens * m.input_usd + 4096 * m.output_usd, 12),
  CASE WHEN q.status = 'released' THEN 0 ELSE round(q.input_tokens * m.input_usd + q.output_tokens * m.output_usd, 12) END,
  CASE WHEN q.status = 'swept' THEN 'estimated' ELSE 'provider' END::usage_source,
  CASE WHEN q.status = 'released' THEN (ARRAY[429, 500, 503, 400])[1 + (q.b >> 56 & 3)] WHEN q.status = 'swept' THEN NULL
    WHEN q.n % 97 = 3 THEN 499 ELSE 200 END,
  CASE WHEN q.status = 'released' THEN (ARRAY['rate_limited', 'upstream_error', 'upstream_unavailable', 'bad_request'])[
    1 + (q.b >> 56 & 3)] WHEN q.status = 'swept' THEN 'gateway_died' END,
  q.latency_ms, CASE WHEN q.streams THEN q.latency_ms / 4 END, c.ids
FROM (
  SELECT n, a, b, $4::timestamptz + (n + (a >> 40 & 1023) / 1024.0) * $3::interval AS at, md5(n::text) AS digits,
    CASE WHEN n % 1009 = 7 THEN 'swept' WHEN n % 33 = 5 THEN 'released' ELSE 'settled' END::ledger_status AS status,
    100 + (b & 2047) + CASE WHEN b >> 11 & 15 = 0 THEN 30000 ELSE 0 END AS input_tokens,
    CASE WHEN n % 33 = 5 THEN 0 ELSE 20 + (b >> 15 & 1023) END AS output_tokens,
    (200 + (b >> 25 & 4095) + CASE WHEN b >> 37 & 31 = 0 THEN 20000 ELSE 0 END)::integer AS latency_ms,
    b >> 42 & 3 <> 0 AS streams
  FROM generate_series($1::bigint, $2::bigint) n,
    LATERAL (SELECT hashint8extended(n, 1) AS a, hashint8extended(n, 2) AS b) h
) q
JOIN bench.slots s ON s.slot = q.a & 65535
JOIN bench.payers p ON p.n = s.payer
-- Two models for each payer, of which it uses one mostly.
JOIN bench.models m ON m.slot = hashint8extended(s.payer * 2 + CASE WHEN q.a >> 16 & 3 = 0 THEN 1 ELSE 0 END, 3) & 63
JOIN bench.counter_sets c ON c.payer = s.payer AND c.month = date_trunc('month', q.at, 'UTC')
