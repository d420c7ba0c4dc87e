-- The hold (tollgate_hold_v2), once more and by sets: a batch has many requests of few callers. p_payers lists the
-- callers, each once, with the places of its organization, user, key and app in p_scopes (so, su, sk, sa) and the
-- versions that they were read in; p_payer_of says of each item (p_ids) which it is, from 1. p_rows has what is written
-- of an item and not looked at. Callers are looked up in one statement, and a caller's rows are inserted in one; what is
-- done for each item is arithmetic. Verdicts and answers are as before, but
-- that free and idle are told with over_budget only. An id that stands twice in a batch is a data error (22023).
-- A limit on concurrency counts what is open in all of the scope's buckets: a bucket's own count begins anew with its
-- period, while holds of the period before are still open.
CREATE FUNCTION tollgate_hold_v3(
  p_ids uuid[], p_payer_of integer[], p_routing bigint[], p_holds numeric[], p_floors numeric[], p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_day constant timestamptz := date_trunc('day', v_now, 'UTC');
  v_week constant timestamptz := date_trunc('week', v_now, 'UTC');
  v_month constant timestamptz := date_trunc('month', v_now, 'UTC');
  -- When the periods began that the running ones have followed.
  v_day_before constant timestamptz := v_day - interval '24 hours';
  v_week_before constant timestamptz := v_week - interval '168 hours';
  v_month_before constant timestamptz := date_trunc('month', v_month - interval '24 hours', 'UTC');
  v_oldest_hold timestamptz;
  v_elsewhere integer[] := '{}';
  v_counters bigint[];
  v_places tid[];
  v_spent numeric[];
  v_held numeric[];
  v_open integer[];
  v_is_alive boolean := false;
  v_any boolean := false;
  v_ords bigint[];
  v_grants numeric[];
  v_inserted integer;
  v_answers json[] := '{}';
  v_verdict text;
  v_free numeric;
  v_grant numeric;
  v_mine bigint[];
  i record;
  r record;
  s integer;
BEGIN
  -- When a period has just begun, a hold that began before may still be granted in the bucket that has ended: then both
  -- buckets are locked, so that each of the two sees what the other holds.
  IF v_now < v_day + interval '1 minute' THEN
    PERFORM 1 FROM unnest(p_scopes, p_periods) AS s (id, period)
    JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start >= CASE s.period
      WHEN 'month' THEN v_month_before WHEN 'day' THEN v_day_before WHEN 'week' THEN v_week_before ELSE 'epoch' END
    ORDER BY c.id FOR UPDATE OF c;
  END IF;
  -- Every scope has a counter for the running period; the first request of a period makes it. While somebody keeps
  -- an old snapshot, no version of a counter can be removed, and each stands in the index: a range of one, read
  -- from its end, meets the newest first. The counters are locked one after the other in the order of their ids.
  LOOP
    SELECT array_agg(c.id ORDER BY c.ord), array_agg(c.place ORDER BY c.ord), array_agg(c.spent_usd ORDER BY c.ord),
      array_agg(c.held_usd ORDER BY c.ord), array_agg(c.open_holds ORDER BY c.ord)
    INTO v_counters, v_places, v_spent, v_held, v_open
    FROM (
      SELECT f.ord, c.*
      FROM (
        SELECT s.ord, n.id
        FROM (
          SELECT s.ord, s.id, s.period, CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day
            WHEN 'week' THEN v_week ELSE 'epoch' END AS began
          FROM unnest(p_scopes, p_periods) WITH ORDINALITY AS s (id, period, ord) OFFSET 0
        ) s, LATERAL (
          SELECT c.id FROM counters c
          WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start BETWEEN s.began AND s.began
          ORDER BY c.period_start DESC LIMIT 1
        ) n
        ORDER BY n.id
      ) f, LATERAL (
        SELECT c.id, c.ctid AS place, c.spent_usd, c.held_usd, c.open_holds FROM counters c
        WHERE c.id BETWEEN f.id AND f.id ORDER BY c.id DESC LIMIT 1 FOR UPDATE
      ) c
    ) c;
    EXIT WHEN cardinality(v_counters) = cardinality(p_scopes);
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT s.type, s.id, s.period,
      CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day WHEN 'week' THEN v_week ELSE 'epoch' END
    FROM unnest(p_scopes, p_types, p_periods) AS s (id, type, period) ORDER BY s.id
    ON CONFLICT DO NOTHING;
  END LOOP;

  FOR r IN
    SELECT p.ord, p.org, p.usr, p.key, p.app, p.so, p.su, p.sk, p.sa, t.version AS routing,
      CASE
        WHEN o.id IS NULL
          OR u.id IS DISTINCT FROM p.usr OR k.id IS DISTINCT FROM p.key OR a.id IS DISTINCT FROM p.app
          OR k.revoked_at <= v_now OR k.expires_at <= v_now OR a.disabled
          OR (p.key IS NULL AND p.app IS NULL) THEN 'invalid_api_key'
        WHEN o.suspended_at IS NOT NULL THEN 'organization_suspended'
        WHEN u.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
        WHEN (p.ov, p.uv, p.kv, p.av) IS DISTINCT FROM (o.version, u.version, k.version, a.version) THEN 'stale'
      END AS refusal,
      o.budget_limit_usd AS o_limit, o.max_concurrent AS o_most, u.budget_limit_usd AS u_limit, u.max_concurrent AS u_most,
      k.budget_limit_usd AS k_limit, k.max_concurrent AS k_most, a.budget_limit_usd AS a_limit, a.max_concurrent AS a_most
    FROM jsonb_to_recordset(p_payers) AS p (
      ord integer, org uuid, usr uuid, key uuid, app uuid, so integer, su integer, sk integer, sa integer,
      ov bigint, uv bigint, kv bigint, av bigint
    )
    JOIN routing_state t ON t.id = 1
    JOIN instances e ON e.id = p_instance AND e.alive_until > v_now + interval '10 seconds' AND e.oldest_open <= p_oldest
    LEFT JOIN organizations o ON o.id = p.org
    LEFT JOIN users u ON u.id = p.usr
    LEFT JOIN api_keys k ON k.id = p.key
    LEFT JOIN apps a ON a.id = p.app
  LOOP
    v_is_alive := true;
    v_mine := array_remove(ARRAY[v_counters[r.so], v_counters[r.su], v_counters[r.sk], v_counters[r.sa]], NULL);
    v_ords := '{}';
    v_grants := '{}';
    -- A limit on concurrency counts what is open in the scope's other buckets, too: those of the period before, those
    -- that a change of the period has left behind, and any that may have a hold as old as the oldest there is.
    IF r.o_most IS NOT NULL OR r.u_most IS NOT NULL OR r.k_most IS NOT NULL OR r.a_most IS NOT NULL THEN
      -- The hour is for clocks that differ: ids are of the gateway's, buckets of this database's.
      v_oldest_hold := coalesce(v_oldest_hold, (
        SELECT tollgate_id_time(oldest_open) - interval '1 hour' FROM instances ORDER BY oldest_open LIMIT 1));
      FOREACH s IN ARRAY ARRAY[
        CASE WHEN r.o_most IS NOT NULL THEN r.so END, CASE WHEN r.u_most IS NOT NULL THEN r.su END,
        CASE WHEN r.k_most IS NOT NULL THEN r.sk END, CASE WHEN r.a_most IS NOT NULL THEN r.sa END]
      LOOP
        CONTINUE WHEN s IS NULL OR v_elsewhere[s] IS NOT NULL;
        v_elsewhere[s] := (
          SELECT coalesce(sum(c.open_holds), 0)
          FROM (VALUES
            ('day'::period, least(v_day_before, date_trunc('day', v_oldest_hold, 'UTC'))),
            ('week', least(v_week_before, date_trunc('week', v_oldest_hold, 'UTC'))),
            ('month', least(v_month_before, date_trunc('month', v_oldest_hold, 'UTC'))),
            ('total', 'epoch')
          ) AS p (period, since)
          JOIN counters c ON c.scope_id = p_scopes[s] AND c.period = p.period AND c.period_start >= p.since
          WHERE c.id <> v_counters[s]
        );
      END LOOP;
    END IF;

    FOR i IN
      SELECT h.ord, h.rv, h.hold, h.floor, l.counter_ids, l.created_at, l.hold_usd
      FROM unnest(p_ids, p_payer_of, p_routing, p_holds, p_floors) WITH ORDINALITY AS h (id, payer, rv, hold, floor, ord)
      LEFT JOIN ledger l ON l.id = h.id
      WHERE h.payer = r.ord
    LOOP
      IF i.counter_ids IS NOT NULL THEN
        -- Seen before, by a call whose answer was lost: that verdict stands.
        v_answers := v_answers
          || json_build_array(i.ord - 1, 'granted', i.counter_ids, i.created_at, i.hold_usd::text, NULL, NULL);
        CONTINUE;
      END IF;
      v_free := least(r.o_limit - v_spent[r.so] - v_held[r.so], r.u_limit - v_spent[r.su] - v_held[r.su],
        r.k_limit - v_spent[r.sk] - v_held[r.sk], r.a_limit - v_spent[r.sa] - v_held[r.sa]);
      v_verdict := CASE
        WHEN r.refusal IS NOT NULL THEN r.refusal
        WHEN i.rv IS DISTINCT FROM r.routing THEN 'stale'
        WHEN v_open[r.so] + v_elsewhere[r.so] >= r.o_most OR v_open[r.su] + v_elsewhere[r.su] >= r.u_most
          OR v_open[r.sk] + v_elsewhere[r.sk] >= r.k_most OR v_open[r.sa] + v_elsewhere[r.sa] >= r.a_most
          THEN 'concurrency_limit_exceeded'
        WHEN i.hold > v_free AND (i.floor > v_free) IS NOT FALSE THEN 'over_budget'
        ELSE 'granted'
      END;
      IF v_verdict = 'granted' THEN
        v_grant := least(i.hold, v_free);
        v_ords := v_ords || i.ord;
        v_grants := v_grants || v_grant;
        FOREACH s IN ARRAY ARRAY[r.so, r.su, r.sk, r.sa] LOOP
          IF s IS NOT NULL THEN
            v_held[s] := v_held[s] + v_grant;
            v_open[s] := v_open[s] + 1;
          END IF;
        END LOOP;
        v_answers := v_answers || json_build_array(i.ord - 1, v_verdict, v_mine, v_now, v_grant::text, NULL, NULL);
      ELSIF v_verdict = 'over_budget' THEN
        v_answers := v_answers || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, v_free::text, least(
          r.o_limit - v_spent[r.so], r.u_limit - v_spent[r.su], r.k_limit - v_spent[r.sk], r.a_limit - v_spent[r.sa])::text);
      ELSE
        v_answers := v_answers || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, NULL, NULL);
      END IF;
    END LOOP;

    CONTINUE WHEN cardinality(v_ords) = 0;
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
      upstream_model, price_version_id, stream, tags, client_request_id, input_tokens, hold_usd, counter_ids,
      instance_id, if_swept_usd, if_swept_output_tokens
    )
    SELECT
      p_ids[g.ord], v_now, 'held', r.org, r.usr, r.key, r.app, h.endpoint, h.model, h.provider,
      h.upstream_model, h.price, h.stream, h.tags, h.client_request_id, h.input_tokens, g.granted, v_mine,
      p_instance, h.if_swept, h.if_swept_output
    FROM unnest(v_ords, v_grants) AS g (ord, granted),
      LATERAL jsonb_to_record(p_rows -> (g.ord::integer - 1)) AS h (
        endpoint text, model text, provider text, upstream_model text, price uuid, stream boolean, tags text[],
        client_request_id text, input_tokens bigint, if_swept numeric, if_swept_output bigint
      )
    ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS v_inserted = ROW_COUNT;
    IF v_inserted < cardinality(v_ords) THEN
      RAISE EXCEPTION 'an id stands twice among the holds' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_any := true;
  END LOOP;

  IF NOT v_is_alive THEN
    RETURN NULL;
  END IF;
  IF v_any THEN
    -- Where they are is known, and being locked they stay there.
    UPDATE counters c SET held_usd = s.held, open_holds = s.open
    FROM unnest(v_places, v_held, v_open) AS s (place, held, open) WHERE c.ctid = s.place;
  END IF;
  RETURN array_to_json(v_answers);
END $$;
--> statement-breakpoint
-- A settlement finds its counters in the same way, and is otherwise as before (0013, 0015). While somebody keeps an old
-- snapshot (a dump, a forgotten transaction) no version of a counter can be removed, and a lookup by id walked through
-- all of them, the oldest first: 10 000 versions made it 0.3 ms instead of 5 us, and more with every second.
CREATE OR REPLACE FUNCTION tollgate_settle_v2(p_items jsonb)
RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET enable_hashagg = off SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
  v_counted bigint[];
  v_has_missed boolean;
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
    -- The newest version of each, found as in the hold; one that somebody has changed since is seen to below.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended, count(*) AS named
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s, LATERAL (
      SELECT n.ctid AS place FROM counters n WHERE n.id BETWEEN s.id AND s.id ORDER BY n.id DESC LIMIT 1
    ) n
    WHERE c.ctid = n.place
    RETURNING c.id, s.named
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
  SELECT l.ids, c.ids, l.named > coalesce(c.named, 0) INTO v_closed, v_counted, v_has_missed
  FROM (SELECT array_agg(id) AS ids, sum(cardinality(counter_ids)) AS named FROM closed) l,
    (SELECT array_agg(id) AS ids, sum(named) AS named FROM counted) c;
  IF v_has_missed THEN
    -- A counter was waited for, or a row that was moved, meanwhile, to a bucket which the statement above does not
    -- know of yet: this one does.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
      FROM ledger l, unnest(l.counter_ids) AS b (id)
      WHERE l.id = ANY (v_closed) AND b.id <> ALL (coalesce(v_counted, '{}')) GROUP BY b.id
    ) s
    WHERE c.id = s.id;
  END IF;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $$;
--> statement-breakpoint
-- A turn: what ends is settled, and what begins is judged, in one call and one commit. A process sends one call at a
-- time, and while it is under way both kinds gather.
-- Every counter of both is locked before any is changed, in the order of their ids: those of the settlements as their
-- holds were told them, and those of the running periods of the holds' scopes. So the counters come before the
-- settled rows here. Of all that locks rows first (lock order, 0006) only a change of a budget's period locks rows
-- that a living process settles, and it now gives way: waiting for counters, it lets its rows go and tries again.
CREATE FUNCTION tollgate_turn_v1(
  p_endings jsonb, p_counters bigint[],
  p_ids uuid[], p_payer_of integer[], p_routing bigint[], p_holds numeric[], p_floors numeric[], p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_moved json;
BEGIN
  PERFORM 1
  FROM (
    SELECT f.id FROM unnest(p_counters) AS f (id)
    UNION
    SELECT n.id
    FROM (
      SELECT s.id, s.period, tollgate_period_start(s.period, v_now) AS began
      FROM unnest(p_scopes, p_periods) AS s (id, period) OFFSET 0
    ) s, LATERAL (
      SELECT c.id FROM counters c
      WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start BETWEEN s.began AND s.began
      ORDER BY c.period_start DESC LIMIT 1
    ) n
    ORDER BY 1
  ) f, LATERAL (
    SELECT c.id FROM counters c WHERE c.id BETWEEN f.id AND f.id ORDER BY c.id DESC LIMIT 1 FOR UPDATE
  ) c;
  v_moved := tollgate_settle_v2(p_endings);
  RETURN json_build_object(
    'moved', v_moved,
    'judged', tollgate_hold_v3(
      p_ids, p_payer_of, p_routing, p_holds, p_floors, p_rows, p_payers, p_scopes, p_types, p_periods, p_instance, p_oldest)
  );
END $$;
--> statement-breakpoint
ALTER FUNCTION tollgate_rebucket_v1(scope_type, uuid, period, period) SET lock_timeout = '50ms';
