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
-- Answers [ord, verdict, counter ids, created at] for each item.
-- The settings make every plan one of index look-ups, whatever the tables' size was when it was made.
CREATE FUNCTION tollgate_hold_v1(p_items jsonb, p_instance uuid, p_lease_seconds integer)
RETURNS json
LANGUAGE plpgsql SET lock_timeout = '1s' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_month constant timestamptz := tollgate_period_start('month', v_now);
  v_missing boolean;
  v_answer json;
BEGIN
  -- Every scope has a counter for the running period; the first request of a period makes it.
  LOOP
    WITH scopes AS MATERIALIZED (
      SELECT DISTINCT s.id
      FROM jsonb_to_recordset(p_items) AS i (org uuid, usr uuid, key uuid, app uuid),
      LATERAL (VALUES (i.org), (i.usr), (i.key), (i.app)) AS s (id)
      WHERE s.id IS NOT NULL
    ), locked AS (
      SELECT c.id FROM scopes s
      JOIN counters c ON c.scope_id = s.id AND c.period = 'month' AND c.period_start = v_month
      ORDER BY c.id FOR UPDATE OF c
    )
    SELECT (SELECT count(*) FROM scopes) > count(*) INTO v_missing FROM locked;
    EXIT WHEN NOT v_missing;
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT DISTINCT s.type::scope_type, s.id, 'month'::period, v_month
    FROM jsonb_to_recordset(p_items) AS i (org uuid, usr uuid, key uuid, app uuid),
    LATERAL (VALUES ('organization', i.org), ('user', i.usr), ('api_key', i.key), ('app', i.app)) AS s (type, id)
    WHERE s.id IS NOT NULL
    ORDER BY 2
    ON CONFLICT DO NOTHING;
  END LOOP;

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
        WHEN i.rv IS DISTINCT FROM (SELECT version FROM routing_state WHERE id = 1)
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
  SELECT json_agg(json_build_array(
    j.ord, j.verdict, coalesce(j.repeated_in, j.counter_ids), coalesce(j.repeated_at, v_now)))
  INTO v_answer FROM judged j;
  RETURN v_answer;
END $$;
--> statement-breakpoint
-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone).
-- Each row ends once; settling again changes nothing; a settle after a sweep moves the row by the
-- difference, in the buckets it was held in. An item carries everything, so a hold that a database
-- fail-over lost is billed all the same. Nothing here looks at limits: settlement always succeeds.
-- Answers null when every row moved as its item says, else [id, outcome] for each row.
CREATE FUNCTION tollgate_settle_v1(p_items jsonb)
RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_found uuid[];
  v_counters bigint[];
  v_after_sweep uuid[];
  v_settled uuid[];
BEGIN
  LOOP
    SELECT array_agg(DISTINCT f.id), array_agg(DISTINCT b.id), array_agg(DISTINCT f.id) FILTER (WHERE f.after_sweep)
    INTO v_found, v_counters, v_after_sweep
    FROM (
      SELECT l.id, l.counter_ids, l.status = 'swept' AND i.status <> 'swept' AS after_sweep
      FROM jsonb_to_recordset(p_items) AS i (id uuid, status ledger_status)
      JOIN ledger l ON l.id = i.id
      ORDER BY l.id FOR UPDATE OF l
    ) f LEFT JOIN LATERAL unnest(f.counter_ids) AS b (id) ON true;
    EXIT WHEN cardinality(v_found) = jsonb_array_length(p_items);

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
    -- Nothing to insert: an id stands twice in the batch, or a sweep's row is gone.
    EXIT WHEN NOT FOUND;
  END LOOP;

  PERFORM 1 FROM counters c WHERE c.id = ANY (v_counters) ORDER BY c.id FOR UPDATE;

  IF v_after_sweep IS NOT NULL THEN
    PERFORM tollgate_unsweep_v1(v_after_sweep);
  END IF;

  WITH closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer
    )
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id, l.user_id, l.api_key_id,
      l.app_id, l.model, l.provider, l.http_status, l.input_tokens, l.output_tokens, l.cached_tokens
  ), counted AS (
    UPDATE counters c SET held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s
    WHERE c.id = s.id
  ), rolled_up AS (
    INSERT INTO usage_hourly AS h (
      hour, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd
    )
    SELECT date_trunc('hour', l.created_at, 'UTC'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
      l.provider, count(*), count(*) FILTER (WHERE l.http_status >= 400), sum(l.input_tokens), sum(l.output_tokens),
      sum(l.cached_tokens), sum(l.cost_usd)
    FROM closed l
    -- In no order of its own: whoever shares a group shares its organization's counter, which is locked.
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT ON CONSTRAINT usage_hourly_group DO UPDATE SET
      requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
      input_tokens = h.input_tokens + excluded.input_tokens, output_tokens = h.output_tokens + excluded.output_tokens,
      cached_tokens = h.cached_tokens + excluded.cached_tokens, cost_usd = h.cost_usd + excluded.cost_usd
  )
  SELECT array_agg(l.id) INTO v_settled FROM closed l;

  IF cardinality(v_settled) = jsonb_array_length(p_items) THEN
    RETURN NULL;
  END IF;
  RETURN (
    SELECT json_agg(json_build_array(
      l.id, CASE WHEN l.id = ANY (coalesce(v_settled, '{}')) THEN l.status::text ELSE 'already_' || l.status END))
    FROM ledger l WHERE l.id = ANY (v_found)
  );
END $$;
--> statement-breakpoint

-- Takes sweeps back, within the settle call that knows better: the rows are held once more, and the
-- counters and the rollup are as they were. The caller has locked rows and counters.
CREATE FUNCTION tollgate_unsweep_v1(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
  UPDATE usage_hourly h SET
    requests = h.requests - s.requests, errors = h.errors - s.errors, input_tokens = h.input_tokens - s.input,
    output_tokens = h.output_tokens - s.output, cost_usd = h.cost_usd - s.cost
  FROM (
    SELECT date_trunc('hour', l.created_at, 'UTC') AS hour, l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, count(*) AS requests, count(*) FILTER (WHERE l.http_status >= 400) AS errors,
      sum(l.input_tokens) AS input, sum(l.output_tokens) AS output, sum(l.cost_usd) AS cost
    FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept'
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
  ) s
  WHERE (h.hour, h.organization_id, h.model) = (s.hour, s.organization_id, s.model)
    AND (h.user_id, h.api_key_id, h.app_id, h.provider)
      IS NOT DISTINCT FROM (s.user_id, s.api_key_id, s.app_id, s.provider);
  UPDATE counters c SET held_usd = c.held_usd + s.held, spent_usd = c.spent_usd - s.spent
  FROM (
    SELECT b.id, sum(l.hold_usd) AS held, sum(l.cost_usd) AS spent
    FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (p_ids) AND l.status = 'swept' GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET status = 'held', cost_usd = 0, error_code = NULL
  WHERE l.id = ANY (p_ids) AND l.status = 'swept';
$$;
--> statement-breakpoint

-- Settles what dead processes left held: the lease (on this database's clock) ran out unrenewed. Charged
-- is what the row says: its input, how far its stream had come at the last renewal, and a margin.
-- Answers how many there were.
CREATE FUNCTION tollgate_sweep_v1(p_limit integer)
RETURNS integer
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
  IF v_items IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM tollgate_settle_v1(v_items);
  RETURN jsonb_array_length(v_items);
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
