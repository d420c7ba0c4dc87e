-- Credit control inside the database (shared/credit.md). Functions carry a version in their name, so
-- that replicas of an old and a new release run side by side.
--
-- Lock order of every writer: ledger rows by id, then counters by id, before any update.

-- The start of the UTC period that `at` lies in. Weeks begin on Monday; `total` never ends.
CREATE FUNCTION tollgate_period_start(p period, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p WHEN 'total' THEN 'epoch'::timestamptz ELSE date_trunc(p::text, at, 'UTC') END
$$;
--> statement-breakpoint

-- Judges a batch of requests and holds for those granted, all in one call and one commit. One item's
-- refusal never touches its neighbours. Verdicts: granted, invalid_api_key, organization_suspended,
-- payment_expired, stale (the caller's or the routing's version has moved on: read again and resend).
-- A repeated id answers granted once more and holds nothing more.
CREATE FUNCTION tollgate_hold_v1(p_items jsonb, p_instance uuid, p_lease_seconds integer)
RETURNS TABLE (ord integer, verdict text, counter_ids bigint[], created_at timestamptz)
LANGUAGE plpgsql SET lock_timeout = '1s' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_month constant timestamptz := tollgate_period_start('month', v_now);
  v_routing_version bigint;
  v_counters bigint[];
  v_missing boolean;
BEGIN
  SELECT version INTO v_routing_version FROM routing_state WHERE id = 1;

  -- Every scope has a counter for the running period; the first request of a period makes it.
  LOOP
    WITH scopes AS (
      SELECT DISTINCT s.type, s.id
      FROM jsonb_to_recordset(p_items) AS i (org uuid, usr uuid, key uuid, app uuid),
      LATERAL (VALUES ('organization', i.org), ('user', i.usr), ('api_key', i.key), ('app', i.app)) AS s (type, id)
      WHERE s.id IS NOT NULL
    ), known AS (
      SELECT s.type, s.id AS scope_id, c.id
      FROM scopes s
      LEFT JOIN counters c ON c.scope_id = s.id AND c.period = 'month' AND c.period_start = v_month
    )
    SELECT array_agg(k.id) FILTER (WHERE k.id IS NOT NULL), coalesce(bool_or(k.id IS NULL), false)
    INTO v_counters, v_missing FROM known k;
    EXIT WHEN NOT v_missing;
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT DISTINCT s.type::scope_type, s.id, 'month'::period, v_month
    FROM jsonb_to_recordset(p_items) AS i (org uuid, usr uuid, key uuid, app uuid),
    LATERAL (VALUES ('organization', i.org), ('user', i.usr), ('api_key', i.key), ('app', i.app)) AS s (type, id)
    WHERE s.id IS NOT NULL
    ORDER BY 2
    ON CONFLICT DO NOTHING;
  END LOOP;

  PERFORM 1 FROM counters c WHERE c.id = ANY (v_counters) ORDER BY c.id FOR UPDATE;

  RETURN QUERY
  WITH judged AS MATERIALIZED (
    SELECT i.*, l.created_at AS repeated_at, l.counter_ids AS repeated_in,
      CASE
        WHEN l.id IS NOT NULL THEN 'granted'
        WHEN o.id IS NULL
          OR (i.key IS NOT NULL AND (k.id IS NULL OR k.revoked_at <= v_now OR k.expires_at <= v_now))
          OR (i.app IS NOT NULL AND (a.id IS NULL OR a.disabled))
          OR (i.usr IS NOT NULL AND u.id IS NULL)
          OR (i.key IS NULL AND i.app IS NULL) THEN 'invalid_api_key'
        WHEN o.suspended_at IS NOT NULL THEN 'organization_suspended'
        WHEN u.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
        WHEN i.rv IS DISTINCT FROM v_routing_version
          OR i.ov IS DISTINCT FROM o.version
          OR i.uv IS DISTINCT FROM u.version
          OR i.kv IS DISTINCT FROM k.version
          OR i.av IS DISTINCT FROM a.version THEN 'stale'
        ELSE 'granted'
      END AS verdict,
      array(
        SELECT c.id FROM counters c
        WHERE c.scope_id IN (i.org, i.usr, i.key, i.app) AND c.period = 'month' AND c.period_start = v_month
        ORDER BY c.id
      ) AS counter_ids
    FROM jsonb_to_recordset(p_items) AS i (
      ord integer, id uuid, org uuid, usr uuid, key uuid, app uuid,
      ov bigint, uv bigint, kv bigint, av bigint, rv bigint,
      endpoint text, model text, provider text, upstream_model text, price uuid, stream boolean, tags text[],
      client_request_id text, input_tokens bigint, hold numeric, if_swept numeric, if_swept_output bigint
    )
    LEFT JOIN organizations o ON o.id = i.org
    LEFT JOIN users u ON u.id = i.usr
    LEFT JOIN api_keys k ON k.id = i.key
    LEFT JOIN apps a ON a.id = i.app
    LEFT JOIN ledger l ON l.id = i.id
  ), inserted AS (
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
      upstream_model, price_version_id, stream, tags, client_request_id, input_tokens, hold_usd, counter_ids,
      instance_id, lease_expires_at, if_swept_usd, if_swept_output_tokens
    )
    SELECT j.id, v_now, 'held', j.org, j.usr, j.key, j.app, j.endpoint, j.model, j.provider,
      j.upstream_model, j.price, j.stream, j.tags, j.client_request_id, j.input_tokens, j.hold, j.counter_ids,
      p_instance, v_now + make_interval(secs => p_lease_seconds), j.if_swept, j.if_swept_output
    FROM judged j
    WHERE j.verdict = 'granted' AND j.repeated_at IS NULL
    ORDER BY j.id
    ON CONFLICT (id) DO NOTHING
    RETURNING ledger.counter_ids, ledger.hold_usd
  ), held AS (
    -- One update per counter per batch, not per request: long snapshots make row versions dear.
    UPDATE counters c SET held_usd = c.held_usd + s.total
    FROM (SELECT unnest(n.counter_ids) AS id, sum(n.hold_usd) AS total FROM inserted n GROUP BY 1) s
    WHERE c.id = s.id
  )
  SELECT j.ord, j.verdict, coalesce(j.repeated_in, j.counter_ids), coalesce(j.repeated_at, v_now) FROM judged j;
END $$;
--> statement-breakpoint

-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone).
-- Each row ends once; settling again changes nothing; a settle after a sweep moves the row by the
-- difference, in the buckets it was held in. An item carries everything, so a hold that a database
-- fail-over lost is billed all the same. Nothing here looks at limits: settlement always succeeds.
CREATE FUNCTION tollgate_settle_v1(p_items jsonb)
RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_ids uuid[];
  v_found uuid[];
BEGIN
  SELECT array_agg(i.id) INTO v_ids FROM jsonb_to_recordset(p_items) AS i (id uuid);
  SELECT array_agg(f.id) INTO v_found
  FROM (SELECT l.id FROM ledger l WHERE l.id = ANY (v_ids) ORDER BY l.id FOR UPDATE) f;

  IF coalesce(cardinality(v_found), 0) < cardinality(v_ids) THEN
    -- The hold never arrived or was lost: the row comes into being here, with nothing held.
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, counter_ids
    )
    SELECT i.id, coalesce(i.created_at, statement_timestamp()), 'held', i.org, i.usr, i.key, i.app, i.endpoint,
      i.model, i.stream, i.tags, i.client_request_id, coalesce(i.counter_ids, '{}')
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, counter_ids bigint[]
    )
    WHERE i.id <> ALL (coalesce(v_found, '{}')) AND i.org IS NOT NULL
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING;
    PERFORM 1 FROM ledger l WHERE l.id = ANY (v_ids) ORDER BY l.id FOR UPDATE;
  END IF;

  PERFORM 1 FROM counters c
  WHERE c.id IN (SELECT unnest(l.counter_ids) FROM ledger l WHERE l.id = ANY (v_ids))
  ORDER BY c.id FOR UPDATE;

  RETURN QUERY
  WITH items AS MATERIALIZED (
    SELECT DISTINCT ON (i.id) i.*, l.status AS was, l.cost_usd AS was_cost, l.hold_usd, l.counter_ids AS buckets,
      l.input_tokens AS was_input, l.output_tokens AS was_output, l.cached_tokens AS was_cached,
      l.created_at, l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model, l.provider AS was_provider,
      l.http_status >= 400 AS was_error,
      (l.status = 'held' OR (l.status = 'swept' AND i.status <> 'swept')) AS moves
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer
    )
    JOIN ledger l ON l.id = i.id
  ), closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms
    FROM items i
    WHERE l.id = i.id AND i.moves
  ), counted AS (
    UPDATE counters c SET held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent
    FROM (
      SELECT b.bucket, sum(CASE i.was WHEN 'held' THEN i.hold_usd ELSE 0 END) AS freed,
        sum(i.cost - i.was_cost) AS spent
      FROM items i, unnest(i.buckets) AS b (bucket)
      WHERE i.moves GROUP BY b.bucket
    ) s
    WHERE c.id = s.bucket
  ), rolled_up AS (
    INSERT INTO usage_hourly AS h (
      hour, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd
    )
    SELECT date_trunc('hour', i.created_at, 'UTC'), i.organization_id, i.user_id, i.api_key_id, i.app_id, i.model,
      CASE i.was WHEN 'held' THEN coalesce(i.provider, i.was_provider) ELSE i.was_provider END,
      count(*) FILTER (WHERE i.was = 'held'),
      sum((i.http_status >= 400)::int - coalesce(i.was_error::int, 0)),
      sum(i.input_tokens - CASE i.was WHEN 'held' THEN 0 ELSE i.was_input END),
      sum(i.output_tokens - i.was_output), sum(i.cached_tokens - i.was_cached), sum(i.cost - i.was_cost)
    FROM items i WHERE i.moves
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT ON CONSTRAINT usage_hourly_group DO UPDATE SET
      requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
      input_tokens = h.input_tokens + excluded.input_tokens, output_tokens = h.output_tokens + excluded.output_tokens,
      cached_tokens = h.cached_tokens + excluded.cached_tokens, cost_usd = h.cost_usd + excluded.cost_usd
  )
  SELECT i.id, CASE WHEN i.moves THEN i.status::text ELSE 'already_' || i.was END FROM items i;
END $$;
--> statement-breakpoint

-- Settles what dead processes left held: the lease (on this database's clock) ran out unrenewed. Charged
-- is what the row says: its input, how far its stream had come at the last renewal, and a margin.
CREATE FUNCTION tollgate_sweep_v1(p_limit integer)
RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql AS $$
DECLARE
  v_items jsonb;
BEGIN
  SELECT jsonb_agg(jsonb_build_object(
    'id', e.id, 'status', 'swept', 'cost', e.if_swept_usd, 'input_tokens', e.input_tokens,
    'output_tokens', e.if_swept_output_tokens, 'cached_tokens', 0, 'cache_write_tokens', 0, 'reasoning_tokens', 0,
    'usage_source', 'estimated', 'http_status', 500, 'error_code', 'gateway_died'))
  INTO v_items
  FROM (
    SELECT l.* FROM ledger l
    WHERE l.status = 'held' AND l.lease_expires_at < clock_timestamp()
    ORDER BY l.id LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) e;
  IF v_items IS NOT NULL THEN
    RETURN QUERY SELECT s.id, s.outcome FROM tollgate_settle_v1(v_items) s;
  END IF;
END $$;
--> statement-breakpoint

-- The owner is alive: leases run on, and what a sweep would charge keeps up with the streams.
-- Answers the ids that are still held; one that is missing was swept or settled meanwhile.
CREATE FUNCTION tollgate_renew_v1(p_items jsonb, p_lease_seconds integer)
RETURNS TABLE (id uuid)
LANGUAGE sql AS $$
  WITH items AS MATERIALIZED (
    SELECT l.id, i.if_swept, i.if_swept_output
    FROM jsonb_to_recordset(p_items) AS i (id uuid, if_swept numeric, if_swept_output bigint)
    JOIN ledger l ON l.id = i.id
    WHERE l.status = 'held'
    ORDER BY l.id FOR UPDATE OF l
  )
  UPDATE ledger l SET
    lease_expires_at = statement_timestamp() + make_interval(secs => p_lease_seconds),
    if_swept_usd = i.if_swept, if_swept_output_tokens = i.if_swept_output
  FROM items i WHERE l.id = i.id AND l.status = 'held'
  RETURNING l.id
$$;
