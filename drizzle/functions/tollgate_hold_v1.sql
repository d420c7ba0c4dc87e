-- Judges a batch of requests against their callers' budgets and concurrency limits and holds for those it grants, in one
-- call and one commit. One item's rejection never affects the others.
--
-- Arguments, the first six with one element an item:
--   p_ids                the ledger rows' ids (UUIDv7, created by the gateway)
--   p_payer_of           which of p_payers pays, counted from 1
--   p_routing_versions   the version of the routing that chose the target
--   p_holds              the worst-case cost in USD
--   p_floors             where the whole hold does not fit a budget, grant what is left if it is at least this; null: never
--   p_rows               [{ endpoint, model, provider, upstream_model, price, stream, tags, client_request_id, session_id,
--                        input_tokens, if_swept (USD, at most what is granted), if_swept_output (tokens) }]: columns that are written
--                        and not judged
--   p_payers             [{ ord (its place, from 1), org, usr, key, app, metadata (ids), so, su, sk, sa (their places in p_scopes),
--                        ov, uv, kv, av (the versions they were read in) }], each payer once
--   p_scopes, p_types, p_periods   the batch's scopes, each once, with the period of its budget (`month` without a budget)
--   p_instance, p_oldest the calling process, and the batch's smallest id
-- Returns: [[ord (from 0), verdict, counter_ids, created_at, granted, budgets]], in no particular order.
--   granted: counter ids, time and the granted USD. A repeated id gets its first values again and holds nothing more.
--   over_budget: budgets has [scope_type, idle, held] (USD) for each budget, the narrowest first: what it would have left
--   if nothing were held, and what is held of that.
--   invalid_api_key, organization_suspended, payment_expired, concurrency_limit_exceeded: all other fields are null.
--   stale: the caller or the routing has changed since it was read; read again and resend.
--   Null instead of a list: the process has no lease for another ten seconds, or its lease starts to look after p_oldest, so
--   that a sweep would not find its holds. Send a heartbeat and resend.
-- Locks: counters by id; in the first minute of a day those of the period before, too. Then inserts ledger rows.
-- Errors: lock_not_available (55P03) after 300 ms, which is less than deadlock_timeout: callers retry each tenant alone.
--   invalid_parameter_value (22023): the batch contains an id twice.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_batch_v1. The settings force index look-ups, whatever the tables'
--   size was when the plan was prepared.
-- Source: credit.md, "Locks", "Batches", "Buckets", "Configuration".
CREATE OR REPLACE FUNCTION tollgate_hold_v1(
  p_ids uuid[], p_payer_of integer[], p_routing_versions bigint[], p_holds numeric[], p_floors numeric[],
  p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_day constant timestamptz := date_trunc('day', v_now, 'UTC');
  v_week constant timestamptz := date_trunc('week', v_now, 'UTC');
  v_month constant timestamptz := date_trunc('month', v_now, 'UTC');
  -- The starts of the periods before the running ones.
  v_day_before constant timestamptz := v_day - interval '24 hours';
  v_week_before constant timestamptz := v_week - interval '168 hours';
  v_month_before constant timestamptz := date_trunc('month', v_month - interval '24 hours', 'UTC');
  v_oldest_hold timestamptz;
  v_open_elsewhere integer[] := '{}';
  v_counters bigint[];
  v_ctids tid[];
  v_spent numeric[];
  v_held numeric[];
  v_open integer[];
  v_is_alive boolean := false;
  v_has_granted boolean := false;
  v_granted_ords bigint[];
  v_grants numeric[];
  v_inserted integer;
  v_verdicts json[] := '{}';
  v_verdict text;
  v_free numeric;
  v_grant numeric;
  v_caller_counters bigint[];
  i record;
  r record;
  s integer;
BEGIN
  -- In the first minute of a period, a hold that started before it may still be granted in the bucket that has ended.
  -- Lock both buckets, so that each hold sees what the other holds.
  IF v_now < v_day + interval '1 minute' THEN
    PERFORM 1 FROM unnest(p_scopes, p_periods) AS s (id, period)
    JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start >= CASE s.period
      WHEN 'month' THEN v_month_before WHEN 'day' THEN v_day_before WHEN 'week' THEN v_week_before ELSE 'epoch' END
    ORDER BY c.id FOR UPDATE OF c;
  END IF;
  -- Every scope has a counter for the running period; the first request of a period creates it. While an old snapshot
  -- is open, no version of a counter can be removed and the index lists them all: a range of one value, read from its
  -- end, finds the newest first. The counters are locked one at a time in the order of their ids.
  LOOP
    SELECT array_agg(c.id ORDER BY c.ord), array_agg(c.row_ctid ORDER BY c.ord), array_agg(c.spent_usd ORDER BY c.ord),
      array_agg(c.held_usd ORDER BY c.ord), array_agg(c.open_holds ORDER BY c.ord)
    INTO v_counters, v_ctids, v_spent, v_held, v_open
    FROM (
      SELECT f.ord, c.*
      FROM (
        SELECT s.ord, n.id
        FROM (
          SELECT s.ord, s.id, s.period, CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day
            WHEN 'week' THEN v_week ELSE 'epoch' END AS started
          FROM unnest(p_scopes, p_periods) WITH ORDINALITY AS s (id, period, ord) OFFSET 0
        ) s, LATERAL (
          SELECT c.id FROM counters c
          WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start BETWEEN s.started AND s.started
          ORDER BY c.period_start DESC LIMIT 1
        ) n
        ORDER BY n.id
      ) f, LATERAL (
        SELECT c.id, c.ctid AS row_ctid, c.spent_usd, c.held_usd, c.open_holds FROM counters c
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
    SELECT p.ord, p.org, p.usr, p.key, p.app, p.metadata, p.so, p.su, p.sk, p.sa, t.version AS routing,
      CASE
        WHEN o.id IS NULL
          OR u.id IS DISTINCT FROM p.usr OR k.id IS DISTINCT FROM p.key OR a.id IS DISTINCT FROM p.app
          OR k.revoked_at <= v_now OR k.expires_at <= v_now OR a.disabled
          OR (p.key IS NULL AND p.app IS NULL) THEN 'invalid_api_key'
        WHEN o.suspended_at IS NOT NULL THEN 'organization_suspended'
        WHEN u.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
        WHEN (p.ov, p.uv, p.kv, p.av) IS DISTINCT FROM (o.version, u.version, k.version, a.version) THEN 'stale'
      END AS rejection,
      o.budget_limit_usd AS o_limit, o.max_concurrent AS o_max, u.budget_limit_usd AS u_limit, u.max_concurrent AS u_max,
      k.budget_limit_usd AS k_limit, k.max_concurrent AS k_max, a.budget_limit_usd AS a_limit, a.max_concurrent AS a_max
    FROM jsonb_to_recordset(p_payers) AS p (
      ord integer, org uuid, usr uuid, key uuid, app uuid, metadata uuid, so integer, su integer, sk integer, sa integer,
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
    v_caller_counters := array_remove(ARRAY[v_counters[r.so], v_counters[r.su], v_counters[r.sk], v_counters[r.sa]], NULL);
    v_granted_ords := '{}';
    v_grants := '{}';
    -- A concurrency limit also counts holds in the scope's other buckets: those of the period before, those left by a
    -- change of the budget's period, and any that may contain a hold as old as the oldest open one.
    IF r.o_max IS NOT NULL OR r.u_max IS NOT NULL OR r.k_max IS NOT NULL OR r.a_max IS NOT NULL THEN
      -- One hour of tolerance: ids carry the gateway's clock, buckets the database's.
      v_oldest_hold := coalesce(v_oldest_hold, (
        SELECT tollgate_id_time(oldest_open) - interval '1 hour' FROM instances ORDER BY oldest_open LIMIT 1));
      FOREACH s IN ARRAY ARRAY[
        CASE WHEN r.o_max IS NOT NULL THEN r.so END, CASE WHEN r.u_max IS NOT NULL THEN r.su END,
        CASE WHEN r.k_max IS NOT NULL THEN r.sk END, CASE WHEN r.a_max IS NOT NULL THEN r.sa END]
      LOOP
        CONTINUE WHEN s IS NULL OR v_open_elsewhere[s] IS NOT NULL;
        v_open_elsewhere[s] := (
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
      FROM unnest(p_ids, p_payer_of, p_routing_versions, p_holds, p_floors) WITH ORDINALITY
        AS h (id, payer, rv, hold, floor, ord)
      LEFT JOIN ledger l ON l.id = h.id
      WHERE h.payer = r.ord
    LOOP
      IF i.counter_ids IS NOT NULL THEN
        -- A resent hold, whose first answer was lost: repeat the verdict.
        v_verdicts := v_verdicts
          || json_build_array(i.ord - 1, 'granted', i.counter_ids, i.created_at, i.hold_usd::text, NULL);
        CONTINUE;
      END IF;
      v_free := least(r.o_limit - v_spent[r.so] - v_held[r.so], r.u_limit - v_spent[r.su] - v_held[r.su],
        r.k_limit - v_spent[r.sk] - v_held[r.sk], r.a_limit - v_spent[r.sa] - v_held[r.sa]);
      v_verdict := CASE
        WHEN r.rejection IS NOT NULL THEN r.rejection
        WHEN i.rv IS DISTINCT FROM r.routing THEN 'stale'
        WHEN v_open[r.so] + v_open_elsewhere[r.so] >= r.o_max OR v_open[r.su] + v_open_elsewhere[r.su] >= r.u_max
          OR v_open[r.sk] + v_open_elsewhere[r.sk] >= r.k_max OR v_open[r.sa] + v_open_elsewhere[r.sa] >= r.a_max
          THEN 'concurrency_limit_exceeded'
        WHEN i.hold > v_free AND (i.floor > v_free) IS NOT FALSE THEN 'over_budget'
        ELSE 'granted'
      END;
      IF v_verdict = 'granted' THEN
        v_grant := least(i.hold, v_free);
        v_granted_ords := v_granted_ords || i.ord;
        v_grants := v_grants || v_grant;
        FOREACH s IN ARRAY ARRAY[r.so, r.su, r.sk, r.sa] LOOP
          IF s IS NOT NULL THEN
            v_held[s] := v_held[s] + v_grant;
            v_open[s] := v_open[s] + 1;
          END IF;
        END LOOP;
        v_verdicts := v_verdicts
          || json_build_array(i.ord - 1, v_verdict, v_caller_counters, v_now, v_grant::text, NULL);
      ELSIF v_verdict = 'over_budget' THEN
        v_verdicts := v_verdicts || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, (
          SELECT json_agg(json_build_array(b.scope, (b.max_usd - b.spent)::text, b.held::text) ORDER BY b.ord)
          FROM (VALUES
            (1, 'api_key', r.k_limit, v_spent[r.sk], v_held[r.sk]), (2, 'app', r.a_limit, v_spent[r.sa], v_held[r.sa]),
            (3, 'user', r.u_limit, v_spent[r.su], v_held[r.su]),
            (4, 'organization', r.o_limit, v_spent[r.so], v_held[r.so])
          ) AS b (ord, scope, max_usd, spent, held)
          WHERE b.max_usd IS NOT NULL));
      ELSE
        v_verdicts := v_verdicts || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, NULL);
      END IF;
    END LOOP;

    CONTINUE WHEN cardinality(v_granted_ords) = 0;
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
      upstream_model, price_version_id, stream, tags, client_request_id, session_id, metadata_id, input_tokens, hold_usd,
      counter_ids,
      instance_id, if_swept_usd, if_swept_output_tokens
    )
    SELECT
      p_ids[g.ord], v_now, 'held', r.org, r.usr, r.key, r.app, h.endpoint, h.model, h.provider,
      h.upstream_model, h.price, h.stream, h.tags, h.client_request_id, h.session_id, r.metadata, h.input_tokens, g.granted,
      v_caller_counters,
      -- The provider gets an output bound that what is granted pays for.
      p_instance, least(h.if_swept, g.granted), h.if_swept_output
    FROM unnest(v_granted_ords, v_grants) AS g (ord, granted),
      LATERAL jsonb_to_record(p_rows -> (g.ord::integer - 1)) AS h (
        endpoint text, model text, provider text, upstream_model text, price uuid, stream boolean, tags text[],
        client_request_id text, session_id text, input_tokens bigint, if_swept numeric, if_swept_output bigint
      )
    ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS v_inserted = ROW_COUNT;
    IF v_inserted < cardinality(v_granted_ords) THEN
      RAISE EXCEPTION 'the batch contains the same id twice' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_has_granted := true;
  END LOOP;

  IF NOT v_is_alive THEN
    RETURN NULL;
  END IF;
  IF v_has_granted THEN
    -- The counters are locked, so their ctids are still valid.
    UPDATE counters c SET held_usd = s.held, open_holds = s.open
    FROM unnest(v_ctids, v_held, v_open) AS s (row_ctid, held, open) WHERE c.ctid = s.row_ctid;
  END IF;
  RETURN array_to_json(v_verdicts);
END $$;
