DROP FUNCTION tollgate_usage_hash(usage_cut,uuid,uuid,uuid,uuid,text,text,text,text,text[]);
--> statement-breakpoint
-- Adds usage to the rollups: quarter hours and days of callers, organizations and the installation, days of owners,
-- longer spans of callers and owners, and totals. Organizations and the installation have groups of each model, and one of
-- all models together, whose model is ""; the installation also has one of each set of tags.
--
-- Arguments:
--   p_usage   rows as in usage_pending; `at` is the start of a quarter hour
-- Returns: nothing.
-- Locks: rollup rows that nothing else writes: the caller has the advisory lock of tollgate_roll_up_v1.
-- Called by: tollgate_roll_up_v1, tollgate_backfill_usage_v1.
CREATE OR REPLACE FUNCTION tollgate_add_usage_v1(p_usage usage_pending[]) RETURNS void
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off AS $$
BEGIN
  WITH summed AS (
    SELECT
      CASE WHEN grouping(p.organization_id) = 1 THEN 'installation' WHEN grouping(p.tags) = 1 THEN 'organization'
        WHEN grouping(p.model) = 1 THEN 'owner' ELSE 'caller' END::usage_cut AS cut,
      p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, coalesce(p.model, '') AS model, p.provider, p.upstream_model, p.endpoint,
      coalesce(p.tags, '{}') AS tags, p.metadata_id, sum(p.requests) AS requests, sum(p.errors) AS errors,
      sum(p.input_tokens) AS input_tokens, sum(p.output_tokens) AS output_tokens, sum(p.cached_tokens) AS cached_tokens,
      sum(p.cost_usd) AS cost_usd, sum(tollgate_latency_digit(p.latency_ms)) AS latency,
      sum(tollgate_latency_digit(p.ttft_ms)) AS ttft
    FROM unnest(p_usage) AS p
    GROUP BY GROUPING SETS (
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.model, p.provider, p.upstream_model, p.endpoint, p.tags,
        p.metadata_id),
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.tags, p.metadata_id),
      (p.at, p.organization_id, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at, p.organization_id),
      (p.at, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at, p.tags),
      (p.at))
    -- Requests without tags have no group of their own.
    HAVING grouping(p.organization_id) = 0 OR grouping(p.tags) = 1 OR cardinality(p.tags) > 0
  ), hashed AS MATERIALIZED (
    SELECT *, tollgate_usage_hash(
      cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags,
      metadata_id) AS hash
    FROM summed
  ), known AS MATERIALIZED (
    SELECT h.*, (SELECT g.id FROM usage_groups g WHERE g.hash = h.hash) AS known_id FROM hashed h
  ), grouped AS MATERIALIZED (
    -- Without a join, for which the planner has no idea of how many rows there are.
    SELECT n.*, coalesce(n.known_id, min(n.new_id) OVER (PARTITION BY n.hash)) AS group_id
    FROM (
      SELECT k.*, CASE WHEN k.known_id IS NULL THEN nextval('usage_groups_id_seq') END AS new_id FROM known k
    ) n
  ), added AS (
    INSERT INTO usage_groups (
      id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, metadata_id
    ) OVERRIDING SYSTEM VALUE
    SELECT DISTINCT ON (group_id) group_id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider,
      upstream_model, endpoint, tags, metadata_id
    FROM grouped WHERE known_id IS NULL
  ), quarters AS (
    INSERT INTO usage_quarters AS u (
      group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    FROM grouped WHERE cut <> 'owner'
    ON CONFLICT (group_id, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), days AS (
    INSERT INTO usage_days AS u (
      group_id, day, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, (at AT TIME ZONE 'UTC')::date, cut, sum(requests), sum(errors), sum(input_tokens), sum(output_tokens),
      sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped GROUP BY 1, 2, 3
    ON CONFLICT (group_id, day) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), spans AS (
    INSERT INTO usage_spans AS u (
      group_id, hours, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, s.hours, date_bin(s.hours * interval '1 hour', at, 'epoch'), cut, sum(requests), sum(errors),
      sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped CROSS JOIN (VALUES (6), (192), (768)) AS s (hours)
    WHERE cut = 'owner' OR (cut = 'caller' AND s.hours > 24)
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (group_id, hours, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  )
  INSERT INTO usage_totals AS u (organization_id, user_id, provider, requests, cost_usd)
  SELECT organization_id, user_id, provider, sum(requests), sum(cost_usd) FROM hashed WHERE cut = 'caller' GROUP BY 1, 2, 3
  ON CONFLICT ON CONSTRAINT usage_totals_group DO UPDATE SET
    requests = u.requests + excluded.requests, cost_usd = u.cost_usd + excluded.cost_usd;
END $$;
--> statement-breakpoint
-- Fills the rollups from the ledger where an upgrade left them empty: one step from `ledger_state.rolled_up_from` back
-- towards `kept_from`, so that the newest usage is complete first. The gateway serves meanwhile. In the snapshot of a
-- single statement, what the ledger has of an interval is counted, and what is pending for it is forgotten, since the
-- ledger has that too. A settlement that commits later is in neither, and its pending usage is added as usual.
--
-- Arguments:
--   p_rows   about how many requests to count
-- Returns: whether the rollups are complete. False also while another call or a roll-up is at work: call again.
-- Locks: the advisory lock of tollgate_roll_up_v1, then rollup rows that nothing else writes.
-- Called by: lib/credit/ledger/roll-up.ts.
CREATE OR REPLACE FUNCTION tollgate_backfill_usage_v1(p_rows integer) RETURNS boolean
LANGUAGE plpgsql SET jit = off AS $$
DECLARE
  v_to timestamptz;
  v_kept timestamptz;
  v_from timestamptz;
  v_usage usage_pending[];
BEGIN
  IF (SELECT rolled_up_from <= kept_from FROM ledger_state) THEN
    RETURN true;
  END IF;
  IF NOT pg_try_advisory_xact_lock(742117901145) THEN
    RETURN false;
  END IF;
  SELECT rolled_up_from, date_bin('15 minutes', kept_from, 'epoch') INTO v_to, v_kept FROM ledger_state;
  v_from := (
    SELECT date_bin('15 minutes', tollgate_id_time(id), 'epoch') FROM ledger
    WHERE id < tollgate_id_floor(v_to) ORDER BY id DESC OFFSET p_rows LIMIT 1);
  v_from := least(greatest(coalesce(v_from, v_kept), v_kept), v_to - interval '15 minutes');
  WITH forgotten AS (
    DELETE FROM usage_pending WHERE at >= v_from AND at < v_to
  )
  -- Ids have the gateway's clock, `created_at` the database's: an hour of tolerance.
  SELECT array_agg(ROW(
    date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
    l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms,
    l.metadata_id)::usage_pending)
  INTO v_usage
  FROM ledger l
  WHERE l.id >= tollgate_id_floor(greatest(v_from - interval '1 hour', 'epoch')) AND l.id < tollgate_id_floor(v_to + interval '1 hour')
    AND l.created_at >= v_from AND l.created_at < v_to AND l.status IN ('settled', 'released', 'swept');
  IF v_usage IS NOT NULL THEN
    PERFORM tollgate_add_usage_v1(v_usage);
  END IF;
  UPDATE ledger_state SET rolled_up_from = CASE WHEN v_from <= v_kept THEN 'epoch' ELSE v_from END;
  RETURN v_from <= v_kept;
END $$;
--> statement-breakpoint
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
--> statement-breakpoint
-- The id of a set of metadata in metadata_sets: a digest of its pairs. Null for none.
--
-- Called by: lib/auth/caller.ts. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_metadata_id(pairs jsonb) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN pairs <> '{}' THEN left(encode(sha256(convert_to(pairs::text, 'UTF8')), 'hex'), 32)::uuid END
$$;
--> statement-breakpoint
-- Puts requests that a gateway journalled while the database was unavailable into the ledger, in any order and any number
-- of times: each item carries its whole row and its ending.
-- - A missing row is inserted and charged to the bucket of its created_at, in the period that each scope's budget has now.
-- - An existing row was held before or during the outage: it ends in the buckets it names.
-- - From there on it is a late settlement: a swept row moves by the difference, an ended one stays.
-- - A missing row from before ledger_state.kept_from is rejected: retention may have deleted it, and inserting it again
--   would charge it twice. Nothing is done for it.
--
-- Arguments:
--   p_items   as tollgate_settle_late_v1, with { fail_open, hold (USD), po, pu, pk, pa (the scopes' periods as last
--             read, for scopes deleted since) }. Without fail_open: a settlement that a process could not deliver before it ended.
-- Returns: the ids it rejected, or null.
-- Locks: organizations, users, API keys and apps by id (FOR SHARE), ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03), from tollgate_settle_late_v1.
-- Called by: lib/credit/fail-open/replay.ts.
-- Source: credit.md, "Batches"; design.md, section 8.
CREATE OR REPLACE FUNCTION tollgate_replay_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  -- A gateway's clock may run ahead; no row's time is in the future.
  v_now constant timestamptz := statement_timestamp();
  v_items uuid[];
  v_types scope_type[];
  v_scopes uuid[];
  v_periods period[];
  v_starts timestamptz[];
  v_new uuid[];
  v_found uuid[];
  v_rejected uuid[];
BEGIN
  -- The scopes first, so that no budget changes its period meanwhile: tollgate_rebucket_v1 runs in the transaction
  -- that changes it.
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
  -- Read after the rows are locked: retention deletes rows and moves kept_from in one commit.
  SELECT array_agg(DISTINCT i.id) INTO v_rejected
  FROM jsonb_to_recordset(p_items) AS i (id uuid, created_at timestamptz), ledger_state t
  WHERE i.id <> ALL (coalesce(v_found, '{}')) AND t.id = 1
    AND i.id < tollgate_id_floor(t.kept_from) AND (i.created_at IS NULL OR i.created_at < t.kept_from);
  IF v_rejected IS NOT NULL THEN
    p_items := (
      SELECT jsonb_agg(i) FROM jsonb_array_elements(p_items) AS i WHERE (i ->> 'id')::uuid <> ALL (v_rejected));
  END IF;
  IF p_items IS NULL THEN
    RETURN array_to_json(v_rejected);
  END IF;

  -- One item a request: a real ending takes precedence over the sweep's estimate.
  p_items := (
    SELECT jsonb_agg(d.i) FROM (
      SELECT DISTINCT ON (i ->> 'id') i FROM jsonb_array_elements(p_items) AS i
      ORDER BY i ->> 'id', i ->> 'status' = 'swept'
    ) d
  );

  -- Every scope of every row to insert, with its bucket.
  SELECT array_agg(i.id), array_agg(s.type), array_agg(s.id), array_agg(s.period),
    array_agg(tollgate_period_start(s.period, least(i.created_at, v_now)))
  INTO v_items, v_types, v_scopes, v_periods, v_starts
  FROM jsonb_to_recordset(p_items) AS i (
    id uuid, fail_open boolean, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid,
    po period, pu period, pk period, pa period
  )
  LEFT JOIN organizations o ON o.id = i.org
  LEFT JOIN users u ON u.id = i.usr
  LEFT JOIN api_keys k ON k.id = i.key
  LEFT JOIN apps a ON a.id = i.app
  CROSS JOIN LATERAL (VALUES
    ('organization'::scope_type, i.org, CASE WHEN o.id IS NULL THEN i.po ELSE coalesce(o.budget_period, 'month') END),
    ('user', i.usr, CASE WHEN u.id IS NULL THEN i.pu ELSE coalesce(u.budget_period, 'month') END),
    ('api_key', i.key, CASE WHEN k.id IS NULL THEN i.pk ELSE coalesce(k.budget_period, 'month') END),
    ('app', i.app, CASE WHEN a.id IS NULL THEN i.pa ELSE coalesce(a.budget_period, 'month') END)
  ) AS s (type, id, period)
  WHERE i.fail_open AND s.id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger l WHERE l.id = i.id);

  INSERT INTO counters (scope_type, scope_id, period, period_start)
  SELECT DISTINCT s.type, s.id, s.period, s.start
  FROM unnest(v_types, v_scopes, v_periods, v_starts) AS s (type, id, period, start)
  ORDER BY s.id, s.period, s.start
  ON CONFLICT DO NOTHING;

  -- Nothing is held, since the request has ended. The hold it was admitted with is written below.
  WITH inserted AS (
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, fail_open, counter_ids
    )
    SELECT i.id, least(i.created_at, v_now), 'held', i.org, i.usr, i.key, i.app, i.endpoint, i.model, i.stream,
      i.tags, i.client_request_id, i.session_id, i.metadata, true, ARRAY(
        SELECT c.id
        FROM unnest(v_items, v_scopes, v_periods, v_starts) AS s (item, id, period, start)
        JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start = s.start
        WHERE s.item = i.id ORDER BY c.id)
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text
    )
    WHERE i.id = ANY (v_items)
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT array_agg(id) INTO v_new FROM inserted;

  PERFORM tollgate_settle_late_v1(p_items);

  UPDATE ledger l SET
    fail_open = true,
    hold_usd = CASE WHEN l.id = ANY (v_new) THEN i.hold ELSE l.hold_usd END,
    overrun_usd = CASE WHEN l.id = ANY (v_new) THEN greatest(l.cost_usd - i.hold, 0) ELSE l.overrun_usd END
  FROM jsonb_to_recordset(p_items) AS i (id uuid, fail_open boolean, hold numeric)
  WHERE l.id = i.id AND i.fail_open AND (NOT l.fail_open OR l.id = ANY (v_new));
  RETURN array_to_json(v_rejected);
END $$;
--> statement-breakpoint
-- Ends rows in whatever state they are. Settled or released: nothing changes. Swept: the row moves to the settlement by
-- the difference, in its original buckets. Missing: the item carries the whole row, so a hold that a database fail-over
-- lost is billed all the same.
--
-- Arguments:
--   p_items   as tollgate_settle_v1, and for a row that may be missing { created_at, org, usr, key, app, metadata, endpoint, model,
--             stream, tags, client_request_id, session_id, counter_ids }
-- Returns: [[id, outcome]] for each row that exists: the new status, or `already_` and the status it had.
-- Locks: ledger rows by id (missing ones are inserted), then counters by id.
-- Errors: lock_not_available (55P03) after 300 ms.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_replay_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_settle_late_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found uuid[];
  v_counters bigint[];
  v_after_sweep uuid[];
  v_settled json;
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

    -- The hold never arrived or was lost: insert the row with nothing held.
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, counter_ids
    )
    SELECT i.id, coalesce(i.created_at, statement_timestamp()), 'held', i.org, i.usr, i.key, i.app, i.endpoint,
      i.model, i.stream, i.tags, i.client_request_id, i.session_id, i.metadata, coalesce(i.counter_ids, '{}')
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text, counter_ids bigint[]
    )
    WHERE i.id <> ALL (coalesce(v_found, '{}')) AND i.org IS NOT NULL
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING;
    -- Nothing inserted: the batch contains an id twice, or a swept row has been deleted.
    EXIT WHEN NOT FOUND;
  END LOOP;

  PERFORM 1 FROM counters c WHERE c.id = ANY (v_counters) ORDER BY c.id FOR UPDATE;

  IF v_after_sweep IS NOT NULL THEN
    PERFORM tollgate_unsweep_v1(v_after_sweep);
  END IF;

  v_settled := tollgate_settle_v1(p_items);
  RETURN (
    SELECT json_agg(json_build_array(
      l.id, CASE WHEN v_settled IS NULL OR v_settled::jsonb ? l.id::text THEN l.status::text
        ELSE 'already_' || l.status END))
    FROM ledger l WHERE l.id = ANY (v_found)
  );
END $$;
--> statement-breakpoint
-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone). Moves the cost
-- from held to spent in the buckets each row was held in, and appends it to the pending usage. Does not look at limits:
-- a settlement always succeeds. Where a counter reaches the spend at which its budget's next event is due, records the event.
--
-- Arguments:
--   p_items   [{ id, status, cost (USD), input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
--             meters (other counts by name; null for none), usage_source, provider, upstream_model, price, http_status, error_code, latency_ms, ttft_ms,
--             dropped (null for nothing), provider_cost (USD; null if the provider does not say), dispatched_ms,
--             attempts (null for a single one that answered) }].
--             Null for provider, upstream_model or price keeps what the hold wrote.
-- Returns: null when every row was held and has ended as its item says; otherwise the ids of those that have. The rest
--   (ended already, swept, or missing) are for tollgate_settle_late_v1.
-- Locks: ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03) after 300 ms, which is less than deadlock_timeout: callers resend.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_batch_v1, tollgate_settle_late_v1, tollgate_sweep_v1.
-- Counters are found by ctid: while an old snapshot is open, a look-up by id walks through all versions of a counter
-- (10 000 versions: 0.3 ms instead of 5 us). The settings force index look-ups and ordered groups.
-- Source: credit.md, "Locks", "Buckets".
CREATE OR REPLACE FUNCTION tollgate_settle_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET enable_hashagg = off SET jit = off SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
  v_counted bigint[];
  v_has_missed boolean;
  v_is_due boolean;
  v_is_due_too boolean;
BEGIN
  WITH items AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, meters jsonb, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer,
      dropped text[], provider_cost numeric, dispatched_ms integer, attempts jsonb
    ) ORDER BY id
    -- The limit keeps every item, but makes the planner expect a tenth of them and look each row up by its id.
    LIMIT v_n
  ), closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      meters = coalesce(i.meters, l.meters),
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms,
      dropped = coalesce(i.dropped, l.dropped), provider_cost_usd = i.provider_cost,
      dispatched_ms = i.dispatched_ms, attempts = i.attempts
    FROM items i
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.upstream_model, l.endpoint, l.tags, l.metadata_id, l.http_status,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.latency_ms, l.ttft_ms
  ), counted AS (
    -- The newest version of each counter, found as in the hold. Those that have changed since are updated below.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended, count(*) AS named
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s, LATERAL (
      SELECT n.ctid AS newest FROM counters n WHERE n.id BETWEEN s.id AND s.id ORDER BY n.id DESC LIMIT 1
    ) n
    WHERE c.ctid = n.newest
    RETURNING c.id, s.named, c.spent_usd >= c.alert_usd AS due
  ), pending AS (
    INSERT INTO usage_pending (
      at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms, metadata_id
    )
    SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms, l.metadata_id
    FROM closed l
  )
  SELECT l.ids, c.ids, l.named > coalesce(c.named, 0), c.due INTO v_closed, v_counted, v_has_missed, v_is_due
  FROM (SELECT array_agg(id) AS ids, sum(cardinality(counter_ids)) AS named FROM closed) l,
    (SELECT array_agg(id) AS ids, sum(named) AS named, bool_or(due) AS due FROM counted) c;
  IF v_has_missed THEN
    -- The statement waited for a counter, or for a row that moved meanwhile to a bucket that its snapshot cannot see.
    -- A new statement can.
    WITH counted AS (
      UPDATE counters c SET
        held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
      FROM (
        SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
          count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
        FROM ledger l, unnest(l.counter_ids) AS b (id)
        WHERE l.id = ANY (v_closed) AND b.id <> ALL (coalesce(v_counted, '{}')) GROUP BY b.id
      ) s
      WHERE c.id = s.id
      RETURNING c.spent_usd >= c.alert_usd AS due
    )
    SELECT bool_or(due) INTO v_is_due_too FROM counted;
  END IF;
  IF v_is_due OR v_is_due_too THEN
    PERFORM tollgate_raise_budget_events_v1(
      (SELECT array_agg(DISTINCT b.id) FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (v_closed)));
  END IF;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $$;
--> statement-breakpoint
-- Undoes sweeps, within the late settlement that knows better: the rows are held again, counters are as they were
-- before the sweep, and pending usage takes back what the sweep counted.
--
-- Arguments:
--   p_ids   ledger rows; those that are not swept are ignored
-- Returns: nothing.
-- Locks: none of its own. The caller has locked the rows and their counters.
-- Called by: tollgate_settle_late_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_unsweep_v1(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO usage_pending (
    at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
    input_tokens, output_tokens, cached_tokens, cost_usd, metadata_id
  )
  SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, -1, CASE WHEN l.http_status >= 400 THEN -1 ELSE 0 END,
    -l.input_tokens, -l.output_tokens, -l.cached_tokens, -l.cost_usd, l.metadata_id
  FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept';
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
-- The identity of a usage group: a digest of all its dimensions, of which most may be null. Without metadata it is that of
-- groups from before there was any.
--
-- Called by: tollgate_roll_up_v1, tollgate_backfill_usage_v1. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_usage_hash(
  cut usage_cut, org uuid, usr uuid, key uuid, app uuid, model text, provider text, upstream_model text, endpoint text,
  tags text[], metadata uuid
) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT md5(ROW(cut, org, usr, key, app, model, provider, upstream_model, endpoint, tags)::text || coalesce(metadata::text, ''))::uuid
$$;
