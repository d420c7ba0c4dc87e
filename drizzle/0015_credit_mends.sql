-- Three mends of credit control; for those who call it, it is as before.
--
-- A hold (tollgate_hold_v2) counts against a limit on concurrency what is open in all of the scope's buckets. A
-- bucket's own count begins anew with its period, while holds of the period before are still open.
-- And it waits for a lock for less than PostgreSQL waits before it looks for a deadlock (deadlock_timeout, a second),
-- as settlements do now, too: whoever waits holds up those who wait for them. Callers try again.
CREATE OR REPLACE FUNCTION tollgate_hold_v2(
  p_items jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
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
  -- When a period has just begun, a hold that began before may still be granted in the bucket that has ended: then both
  -- buckets are locked, so that each of the two sees what the other holds.
  IF v_now < v_day + interval '1 minute' THEN
    PERFORM 1 FROM unnest(p_scopes, p_periods) AS s (id, period)
    JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start >= CASE s.period
      WHEN 'month' THEN v_month_before WHEN 'day' THEN v_day_before WHEN 'week' THEN v_week_before ELSE 'epoch' END
    ORDER BY c.id FOR UPDATE OF c;
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
    -- A limit on concurrency counts what is open in the scope's other buckets, too: those of the period before, those
    -- that a change of the period has left behind, and any that may have a hold as old as the oldest there is.
    IF r.o_most IS NOT NULL OR r.u_most IS NOT NULL OR r.k_most IS NOT NULL OR r.a_most IS NOT NULL THEN
      -- The hour is for clocks that differ: ids are of the gateway's, buckets of this database's.
      v_oldest_hold := coalesce(v_oldest_hold, (
        SELECT tollgate_id_time(oldest_open) - interval '1 hour' FROM instances ORDER BY oldest_open LIMIT 1));
      FOREACH s IN ARRAY ARRAY[
        CASE WHEN r.o_most IS NOT NULL THEN i.so END, CASE WHEN r.u_most IS NOT NULL THEN i.su END,
        CASE WHEN r.k_most IS NOT NULL THEN i.sk END, CASE WHEN r.a_most IS NOT NULL THEN i.sa END]
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
    v_verdict := CASE
      WHEN r.org IS NULL
        OR r.usr IS DISTINCT FROM i.usr OR r.key IS DISTINCT FROM i.key OR r.app IS DISTINCT FROM i.app
        OR r.revoked_at <= v_now OR r.expires_at <= v_now OR r.disabled
        OR (i.key IS NULL AND i.app IS NULL) THEN 'invalid_api_key'
      WHEN r.suspended_at IS NOT NULL THEN 'organization_suspended'
      WHEN r.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
      WHEN (i.rv, i.ov, i.uv, i.kv, i.av) IS DISTINCT FROM (r.rv, r.ov, r.uv, r.kv, r.av) THEN 'stale'
      WHEN v_open[i.so] + v_elsewhere[i.so] >= r.o_most OR v_open[i.su] + v_elsewhere[i.su] >= r.u_most
        OR v_open[i.sk] + v_elsewhere[i.sk] >= r.k_most OR v_open[i.sa] + v_elsewhere[i.sa] >= r.a_most
        THEN 'concurrency_limit_exceeded'
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
ALTER FUNCTION tollgate_settle_v2(jsonb) SET lock_timeout = '300ms';
--> statement-breakpoint
ALTER FUNCTION tollgate_settle_late_v2(jsonb) SET lock_timeout = '300ms';
--> statement-breakpoint
-- The replay of journals (tollgate_replay_v1), but for items that may have been in the ledger before: those without a
-- row that are from before the time since which it is whole (ledger_state.kept_from). Retention may have removed
-- their rows, and to make them anew would charge them twice. Nothing is done for them, and their ids are the answer:
-- null where there are none.
CREATE FUNCTION tollgate_replay_v2(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found uuid[];
  v_refused uuid[];
BEGIN
  -- In the order of the first edition: scopes, then rows. A row that is there now stays until it is settled.
  PERFORM 1 FROM organizations o WHERE o.id IN (SELECT (i ->> 'org')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY o.id FOR SHARE;
  PERFORM 1 FROM users u WHERE u.id IN (SELECT (i ->> 'usr')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY u.id FOR SHARE;
  PERFORM 1 FROM api_keys k WHERE k.id IN (SELECT (i ->> 'key')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY k.id FOR SHARE;
  PERFORM 1 FROM apps a WHERE a.id IN (SELECT (i ->> 'app')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY a.id FOR SHARE;
  SELECT array_agg(l.id) INTO v_found FROM (
    SELECT id FROM ledger WHERE id IN (SELECT (i ->> 'id')::uuid FROM jsonb_array_elements(p_items) AS i)
    ORDER BY id FOR UPDATE
  ) l;
  -- Read after the rows: what has removed a row has said so in the same commit. Rows are removed by id and created_at both.
  SELECT array_agg(DISTINCT i.id) INTO v_refused
  FROM jsonb_to_recordset(p_items) AS i (id uuid, created_at timestamptz), ledger_state t
  WHERE i.id <> ALL (coalesce(v_found, '{}')) AND t.id = 1
    AND i.id < tollgate_id_floor(t.kept_from) AND (i.created_at IS NULL OR i.created_at < t.kept_from);
  IF v_refused IS NOT NULL THEN
    p_items := (
      SELECT jsonb_agg(i) FROM jsonb_array_elements(p_items) AS i WHERE (i ->> 'id')::uuid <> ALL (v_refused));
  END IF;
  IF p_items IS NOT NULL THEN
    PERFORM tollgate_replay_v1(p_items);
  END IF;
  RETURN array_to_json(v_refused);
END $$;
