-- Credit control, second edition. What changed, and why:
-- * A hold's lease belongs to its process (table instances): settling changes no indexed column any more.
-- * Holds are judged one after the other against the running counters: budgets and concurrency limits.
-- * A settlement of held rows is one statement; rows that a sweep or a lost hold left otherwise go another way.
-- Nothing of the first edition was ever released, so it goes.
--
-- Lock order of every writer: ledger rows by id, then counters by id, before any update.
-- The settings pin every plan to index look-ups, whatever the tables' size was when it was made.
DROP FUNCTION tollgate_hold_v1, tollgate_settle_v1, tollgate_unsweep_v1, tollgate_sweep_v1, tollgate_renew_v1;
--> statement-breakpoint
-- An UPDATE in place needs room on its page: a row is written once and updated once.
ALTER TABLE ledger SET (fillfactor = 60);
--> statement-breakpoint
-- What the first edition left held is swept in a minute, if nobody settles it.
INSERT INTO instances (id, alive_until, oldest_open)
SELECT instance_id, now() + interval '1 minute', (array_agg(id ORDER BY id))[1]
FROM ledger WHERE status = 'held' AND instance_id IS NOT NULL GROUP BY instance_id;
--> statement-breakpoint
UPDATE counters c SET open_holds = h.holds
FROM (SELECT b.id, count(*) AS holds FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.status = 'held' GROUP BY b.id) h
WHERE c.id = h.id;
--> statement-breakpoint
-- Judges a batch of requests, one after the other, and holds for those granted, all in one call and one
-- commit. One item's refusal never touches its neighbours. Verdicts: granted, invalid_api_key,
-- organization_suspended, payment_expired, stale (the caller's or the routing's version has moved on: read
-- again and resend), concurrency_limit_exceeded, over_budget. A repeated id answers granted once more and
-- holds nothing more.
-- p_scopes lists the batch's scopes, each once, with the period of its budget (`month` without one); an
-- item's so, su, sk, sa are the places of its organization, user, key and app in there.
-- Of an item with a floor, what is free is granted where its whole hold does not fit but the floor does.
-- Answers [ord, verdict, counter ids, created at, granted, free, idle] for each item: how much the tightest
-- budget had left, and how much if nothing were held; null without a budget. Answers null when the process has
-- not said lately that it is alive, or that it has something as old as p_oldest, the batch's least id: a
-- sweep would not find its holds.
CREATE FUNCTION tollgate_hold_v2(
  p_items jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '1s' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_day constant timestamptz := date_trunc('day', v_now, 'UTC');
  v_week constant timestamptz := date_trunc('week', v_now, 'UTC');
  v_month constant timestamptz := date_trunc('month', v_now, 'UTC');
  v_counters bigint[];
  v_spent numeric[];
  v_held numeric[];
  v_open integer[];
  v_any boolean := false;
  v_answers json[] := '{}';
  v_verdict text;
  v_free numeric;
  v_idle numeric;
  v_mine bigint[];
  v_grant numeric;
  v_created timestamptz;
  v_new boolean;
  v_again record;
  i record;
  r record;
  s integer;
BEGIN
  IF NOT EXISTS (
    SELECT FROM instances
    WHERE id = p_instance AND alive_until > v_now + interval '10 seconds' AND oldest_open <= p_oldest
  ) THEN
    RETURN NULL;
  END IF;
  -- Every scope has a counter for the running period; the first request of a period makes it.
  LOOP
    SELECT array_agg(c.id ORDER BY c.ord), array_agg(c.spent_usd ORDER BY c.ord),
      array_agg(c.held_usd ORDER BY c.ord), array_agg(c.open_holds ORDER BY c.ord)
    INTO v_counters, v_spent, v_held, v_open
    FROM (
      SELECT s.ord, c.id, c.spent_usd, c.held_usd, c.open_holds
      FROM unnest(p_scopes, p_periods) WITH ORDINALITY AS s (id, period, ord)
      JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start =
        CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day WHEN 'week' THEN v_week ELSE 'epoch' END
      ORDER BY c.id FOR UPDATE OF c
    ) c;
    EXIT WHEN cardinality(v_counters) = cardinality(p_scopes);
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT s.type, s.id, s.period,
      CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day WHEN 'week' THEN v_week ELSE 'epoch' END
    FROM unnest(p_scopes, p_types, p_periods) AS s (id, type, period) ORDER BY s.id
    ON CONFLICT DO NOTHING;
  END LOOP;

  FOR i IN
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      ord integer, id uuid, org uuid, usr uuid, key uuid, app uuid, so integer, su integer, sk integer, sa integer,
      ov bigint, uv bigint, kv bigint, av bigint, rv bigint,
      endpoint text, model text, provider text, upstream_model text, price uuid, stream boolean, tags text[],
      client_request_id text, input_tokens bigint, hold numeric, floor numeric, if_swept numeric, if_swept_output bigint
    )
  LOOP
    SELECT o.id AS org, o.version AS ov, o.suspended_at, o.budget_limit_usd AS o_limit, o.max_concurrent AS o_most,
      u.id AS usr, u.version AS uv, u.payment_valid_until, u.budget_limit_usd AS u_limit, u.max_concurrent AS u_most,
      k.id AS key, k.version AS kv, k.revoked_at, k.expires_at, k.budget_limit_usd AS k_limit, k.max_concurrent AS k_most,
      a.id AS app, a.version AS av, a.disabled, a.budget_limit_usd AS a_limit, a.max_concurrent AS a_most,
      t.version AS rv
    INTO r
    FROM routing_state t
    LEFT JOIN organizations o ON o.id = i.org
    LEFT JOIN users u ON u.id = i.usr
    LEFT JOIN api_keys k ON k.id = i.key
    LEFT JOIN apps a ON a.id = i.app
    WHERE t.id = 1;
    v_free := least(r.o_limit - v_spent[i.so] - v_held[i.so], r.u_limit - v_spent[i.su] - v_held[i.su],
      r.k_limit - v_spent[i.sk] - v_held[i.sk], r.a_limit - v_spent[i.sa] - v_held[i.sa]);
    v_idle := least(r.o_limit - v_spent[i.so], r.u_limit - v_spent[i.su],
      r.k_limit - v_spent[i.sk], r.a_limit - v_spent[i.sa]);
    v_verdict := CASE
      WHEN r.org IS NULL
        OR r.usr IS DISTINCT FROM i.usr OR r.key IS DISTINCT FROM i.key OR r.app IS DISTINCT FROM i.app
        OR r.revoked_at <= v_now OR r.expires_at <= v_now OR r.disabled
        OR (i.key IS NULL AND i.app IS NULL) THEN 'invalid_api_key'
      WHEN r.suspended_at IS NOT NULL THEN 'organization_suspended'
      WHEN r.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
      WHEN (i.rv, i.ov, i.uv, i.kv, i.av) IS DISTINCT FROM (r.rv, r.ov, r.uv, r.kv, r.av) THEN 'stale'
      WHEN v_open[i.so] >= r.o_most OR v_open[i.su] >= r.u_most OR v_open[i.sk] >= r.k_most
        OR v_open[i.sa] >= r.a_most THEN 'concurrency_limit_exceeded'
      WHEN i.hold > v_free AND (i.floor > v_free) IS NOT FALSE THEN 'over_budget'
      ELSE 'granted'
    END;
    v_mine := array_remove(ARRAY[v_counters[i.so], v_counters[i.su], v_counters[i.sk], v_counters[i.sa]], NULL);
    v_grant := least(i.hold, v_free);
    v_created := v_now;
    v_new := false;
    IF v_verdict = 'granted' THEN
      INSERT INTO ledger (
        id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
        upstream_model, price_version_id, stream, tags, client_request_id, input_tokens, hold_usd, counter_ids,
        instance_id, if_swept_usd, if_swept_output_tokens
      ) VALUES (
        i.id, v_now, 'held', i.org, i.usr, i.key, i.app, i.endpoint, i.model, i.provider,
        i.upstream_model, i.price, i.stream, i.tags, i.client_request_id, i.input_tokens, v_grant, v_mine,
        p_instance, i.if_swept, i.if_swept_output
      ) ON CONFLICT (id) DO NOTHING;
      v_new := FOUND;
      IF v_new THEN
        v_any := true;
        FOREACH s IN ARRAY ARRAY[i.so, i.su, i.sk, i.sa] LOOP
          IF s IS NOT NULL THEN
            v_held[s] := v_held[s] + v_grant;
            v_open[s] := v_open[s] + 1;
          END IF;
        END LOOP;
      END IF;
    END IF;
    IF NOT v_new THEN
      -- Seen before, by a call whose answer was lost: that verdict stands.
      SELECT l.counter_ids, l.created_at, l.hold_usd INTO v_again FROM ledger l WHERE l.id = i.id;
      IF FOUND THEN
        v_verdict := 'granted';
        v_mine := v_again.counter_ids;
        v_created := v_again.created_at;
        v_grant := v_again.hold_usd;
      END IF;
    END IF;
    v_answers := v_answers || json_build_array(i.ord, v_verdict, v_mine, v_created, v_grant::text, v_free::text, v_idle::text);
  END LOOP;

  IF v_any THEN
    UPDATE counters c SET held_usd = s.held, open_holds = s.open
    FROM unnest(v_counters, v_held, v_open) AS s (id, held, open) WHERE c.id = s.id;
  END IF;
  RETURN array_to_json(v_answers);
END $$;
--> statement-breakpoint
-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone).
-- Rows and counters are updated, and thereby locked, in the order of their ids. Nothing here looks at
-- limits: settlement always succeeds. Answers null when every row was held and has moved as its item says,
-- else the ids of those that have; the others are for tollgate_settle_late_v2.
CREATE FUNCTION tollgate_settle_v2(p_items jsonb)
RETURNS json
LANGUAGE plpgsql SET enable_hashagg = off SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
BEGIN
  WITH items AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer
    ) ORDER BY id
    -- All of them; but the planner, which takes a limit it cannot see for a tenth, looks each row up by its id.
    LIMIT v_n
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
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.http_status, l.input_tokens, l.output_tokens, l.cached_tokens
  ), counted AS (
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
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
  SELECT array_agg(id) INTO v_closed FROM closed;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $$;
--> statement-breakpoint
-- Takes sweeps back, within the settle call that knows better: the rows are held once more, and the
-- counters and the rollup are as they were. The caller has locked rows and counters.
CREATE FUNCTION tollgate_unsweep_v2(p_ids uuid[]) RETURNS void
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
--> statement-breakpoint
-- Ends rows in whatever state they are: settled already (nothing changes), swept (the row moves by the
-- difference, in the buckets it was held in), or absent: an item carries everything, so a hold that a
-- database fail-over lost is billed all the same. Answers [id, outcome] for each row.
CREATE FUNCTION tollgate_settle_late_v2(p_items jsonb)
RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found uuid[];
  v_counters bigint[];
  v_after_sweep uuid[];
  v_otherwise json;
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
    PERFORM tollgate_unsweep_v2(v_after_sweep);
  END IF;

  v_otherwise := tollgate_settle_v2(p_items);
  RETURN (
    SELECT json_agg(json_build_array(
      l.id, CASE WHEN v_otherwise IS NULL OR v_otherwise::jsonb ? l.id::text THEN l.status::text
        ELSE 'already_' || l.status END))
    FROM ledger l WHERE l.id = ANY (v_found)
  );
END $$;
--> statement-breakpoint
-- Settles what dead processes left held: those that did not say in time (on this database's clock) that
-- they are alive. Charged is what the row says: its input, how far its stream had come when the process
-- last said so, and a margin. Answers how many there were.
CREATE FUNCTION tollgate_sweep_v2(p_limit integer)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_dead record;
  v_items jsonb;
  v_swept integer := 0;
BEGIN
  FOR v_dead IN
    SELECT id, oldest_open FROM instances WHERE alive_until < clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED
  LOOP
    SELECT jsonb_agg(jsonb_build_object(
      'id', e.id, 'status', 'swept', 'cost', e.if_swept_usd, 'input_tokens', e.input_tokens,
      'output_tokens', e.if_swept_output_tokens, 'cached_tokens', 0, 'cache_write_tokens', 0, 'reasoning_tokens', 0,
      'usage_source', 'estimated', 'http_status', 500, 'error_code', 'gateway_died'))
    INTO v_items
    FROM (
      SELECT l.* FROM ledger l
      WHERE l.id >= v_dead.oldest_open AND l.status = 'held' AND l.instance_id = v_dead.id
      ORDER BY l.id LIMIT p_limit - v_swept FOR UPDATE
    ) e;
    IF v_items IS NOT NULL THEN
      PERFORM tollgate_settle_v2(v_items);
      v_swept := v_swept + jsonb_array_length(v_items);
    END IF;
    EXIT WHEN v_swept >= p_limit;
    DELETE FROM instances WHERE id = v_dead.id;
  END LOOP;
  RETURN v_swept;
END $$;
--> statement-breakpoint
-- A process is alive, and what a sweep would charge keeps up with its streams.
CREATE FUNCTION tollgate_heartbeat_v1(p_instance uuid, p_lease_seconds integer, p_oldest_open uuid, p_items jsonb)
RETURNS void
LANGUAGE sql AS $$
  INSERT INTO instances AS n (id, alive_until, oldest_open)
  VALUES (p_instance, clock_timestamp() + make_interval(secs => p_lease_seconds), p_oldest_open)
  ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until, oldest_open = excluded.oldest_open;
  WITH items AS MATERIALIZED (
    SELECT l.id, i.if_swept, i.if_swept_output
    FROM jsonb_to_recordset(p_items) AS i (id uuid, if_swept numeric, if_swept_output bigint)
    JOIN ledger l ON l.id = i.id
    WHERE l.status = 'held'
    ORDER BY l.id FOR UPDATE OF l
  )
  UPDATE ledger l SET if_swept_usd = i.if_swept, if_swept_output_tokens = i.if_swept_output
  FROM items i WHERE l.id = i.id AND l.status = 'held';
$$;
