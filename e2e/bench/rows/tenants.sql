-- Who the requests belong to. Sizes follow Zipf's law: the first organization has 22 % of the requests.
-- Ids and choices depend only on a number, so that every run has the same ones.
CREATE SCHEMA bench;

CREATE FUNCTION bench.id(name text) RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT overlay(overlay(md5(name) PLACING '4' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 1)::uuid
$$;

CREATE TABLE bench.organizations AS
SELECT n, bench.id('organization ' || n) AS id, 1.0 / n / sum(1.0 / n) OVER () AS share,
  sum(1.0 / n) OVER (ORDER BY n) / sum(1.0 / n) OVER () AS share_up_to
FROM generate_series(1, 50) n;
INSERT INTO organizations (id, name, created_at)
SELECT id, 'Organization ' || lpad(n::text, 2, '0'), now() - interval '120 days' FROM bench.organizations;

-- As many people, keys and apps as an organization's share.
CREATE FUNCTION bench.organization_of(place numeric) RETURNS integer STABLE LANGUAGE sql AS $$
  SELECT n FROM bench.organizations WHERE share_up_to >= place ORDER BY n LIMIT 1
$$;

CREATE TABLE bench.users AS
SELECT n, bench.id('user ' || n) AS id, o AS organization, row_number() OVER (PARTITION BY o ORDER BY n) AS place
FROM generate_series(1, 2000) n, LATERAL bench.organization_of((n - 0.5) / 2000) o;
INSERT INTO users (id, organization_id, email, name, role, created_at)
SELECT u.id, o.id, 'user-' || u.n || '@bench.example', 'User ' || u.n,
  CASE u.place WHEN 1 THEN 'org_admin' ELSE 'member' END::role, now() - interval '120 days'
FROM bench.users u JOIN bench.organizations o ON o.n = u.organization;

CREATE TABLE bench.keys AS
SELECT n, bench.id('key ' || n) AS id, o AS organization, row_number() OVER (PARTITION BY o ORDER BY n) AS place,
  CASE WHEN n % 5 < 3 THEN ARRAY['team-' || n % 30] || CASE WHEN n % 3 = 0 THEN ARRAY['prod'] ELSE '{}' END
    ELSE '{}' END AS tags
FROM generate_series(1, 3000) n, LATERAL bench.organization_of((n - 0.5) / 3000) o;
INSERT INTO api_keys (id, name, organization_id, user_id, key_hash, key_prefix, tags, created_at)
SELECT k.id, 'Key ' || k.n, o.id, u.id, sha256(('key ' || k.n)::bytea), 'tg_live_' || lpad(k.n::text, 4, '0'), k.tags,
  now() - interval '120 days'
FROM bench.keys k JOIN bench.organizations o ON o.n = k.organization
JOIN bench.users u ON u.organization = k.organization
  AND u.place = 1 + (k.place - 1) % (SELECT max(m.place) FROM bench.users m WHERE m.organization = k.organization);

-- The last app is quiet: it has only the rare requests of ledger.sql.
CREATE TABLE bench.apps AS
SELECT n, bench.id('app ' || n) AS id, n AS organization FROM generate_series(1, 40) n;
INSERT INTO apps (id, name, organization_id, external_id, secret_hash, created_at)
SELECT a.id, 'App ' || a.n, o.id, 'app-' || a.n, sha256(('app ' || a.n)::bytea), now() - interval '120 days'
FROM bench.apps a JOIN bench.organizations o ON o.n = a.organization;

-- 5 % of the requests are those of apps.
CREATE TABLE bench.payers AS
SELECT row_number() OVER (ORDER BY o.n, p.app_id NULLS FIRST, p.place) AS n, o.n AS organization, o.id AS organization_id,
  p.user_id, p.api_key_id, p.app_id, p.tags, p.weight / sum(p.weight) OVER () AS share
FROM bench.organizations o JOIN (
  SELECT k.organization, k.place, d.user_id, k.id AS api_key_id, NULL::uuid AS app_id, k.tags,
    0.95 * o.share / k.place / sum(1.0 / k.place) OVER (PARTITION BY k.organization) AS weight
  FROM bench.keys k JOIN bench.organizations o ON o.n = k.organization JOIN api_keys d ON d.id = k.id
  UNION ALL
  SELECT a.organization, 0, NULL, NULL, a.id, '{}', 0.05 / a.n / sum(1.0 / a.n) OVER ()
  FROM bench.apps a WHERE a.n < 40
) p ON p.organization = o.n;

-- A request's payer is that of one of 65 536 slots.
CREATE TABLE bench.slots AS
SELECT s AS slot, p.n AS payer
FROM (SELECT n, share, sum(share) OVER (ORDER BY n) AS up_to FROM bench.payers) p,
  generate_series(ceil((p.up_to - p.share) * 65536)::integer, ceil(p.up_to * 65536)::integer - 1) s;

-- A request's model is that of one of 64 slots.
CREATE TABLE bench.models AS
SELECT s AS slot, m.model, m.provider, m.input_usd / 1000000 AS input_usd, m.output_usd / 1000000 AS output_usd
FROM (VALUES
  (0, 17, 'gpt-5-mini', 'openai', 0.25, 2.0), (18, 29, 'claude-sonnet', 'anthropic', 3.0, 15.0),
  (30, 37, 'gpt-5', 'openai', 1.25, 10.0), (38, 44, 'gemini-flash', 'google', 0.3, 2.5),
  (45, 49, 'claude-haiku', 'anthropic', 1.0, 5.0), (50, 53, 'gemini-pro', 'google', 1.25, 10.0),
  (54, 56, 'llama-70b', 'groq', 0.6, 0.8), (57, 58, 'claude-opus', 'anthropic', 15.0, 75.0),
  (59, 60, 'nova-pro', 'bedrock', 0.8, 3.2), (61, 61, 'mistral-large', 'mistral', 2.0, 6.0),
  (62, 62, 'text-embedding', 'openai', 0.02, 0.0), (63, 63, 'gpt-5-pro', 'azure', 15.0, 120.0)
) AS m (first, last, model, provider, input_usd, output_usd), generate_series(m.first, m.last) s;

INSERT INTO counters (scope_type, scope_id, period, period_start)
SELECT s.type::scope_type, s.id, 'month', month AT TIME ZONE 'UTC'
FROM (
  SELECT DISTINCT v.type, v.id FROM bench.payers p, LATERAL (VALUES
    ('organization', p.organization_id), ('user', p.user_id), ('api_key', p.api_key_id), ('app', p.app_id)) AS v (type, id)
  WHERE v.id IS NOT NULL
  UNION SELECT 'app', id FROM bench.apps WHERE n = 40
) s, generate_series(
  date_trunc('month', (current_setting('bench.start')::timestamptz) AT TIME ZONE 'UTC'),
  current_setting('bench.end')::timestamptz AT TIME ZONE 'UTC', interval '1 month') month
ORDER BY s.id, month;

CREATE TABLE bench.counter_sets AS
SELECT p.n AS payer, c.period_start AS month, array_agg(c.id ORDER BY c.id) AS ids
FROM bench.payers p JOIN counters c ON c.scope_id IN (p.organization_id, p.user_id, p.api_key_id, p.app_id)
GROUP BY p.n, c.period_start;
ANALYZE;
