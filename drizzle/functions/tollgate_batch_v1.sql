-- Settles what has ended and judges what begins, in one call and one commit. A process sends one call at a time; both
-- kinds gather while it is under way.
--
-- Arguments:
--   p_settlements   as p_items of tollgate_settle_v1
--   p_counters      the counters of those settlements, as their holds returned them
--   the rest        as tollgate_hold_v1
-- Returns: { settled: what tollgate_settle_v1 returns, verdicts: what tollgate_hold_v1 returns }.
-- Locks: every counter of both kinds by id, then ledger rows by id. Every other writer locks rows first. Of those, only
--   tollgate_rebucket_v1 locks rows that a living process settles, and it releases them while it waits for counters.
-- Errors: those of the two functions.
-- Called by: lib/credit/ledger/ledger-calls.ts.
-- Source: credit.md, "Locks".
CREATE OR REPLACE FUNCTION tollgate_batch_v1(
  p_settlements jsonb, p_counters bigint[],
  p_ids uuid[], p_payer_of integer[], p_routing_versions bigint[], p_holds numeric[], p_floors numeric[],
  p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid
) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_settled json;
BEGIN
  PERFORM 1
  FROM (
    SELECT f.id FROM unnest(p_counters) AS f (id)
    UNION
    SELECT n.id
    FROM (
      SELECT s.id, s.period, tollgate_period_start(s.period, v_now) AS started
      FROM unnest(p_scopes, p_periods) AS s (id, period) OFFSET 0
    ) s, LATERAL (
      SELECT c.id FROM counters c
      WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start BETWEEN s.started AND s.started
      ORDER BY c.period_start DESC LIMIT 1
    ) n
    ORDER BY 1
  ) f, LATERAL (
    SELECT c.id FROM counters c WHERE c.id BETWEEN f.id AND f.id ORDER BY c.id DESC LIMIT 1 FOR UPDATE
  ) c;
  v_settled := tollgate_settle_v1(p_settlements);
  RETURN json_build_object(
    'settled', v_settled,
    'verdicts', tollgate_hold_v1(
      p_ids, p_payer_of, p_routing_versions, p_holds, p_floors, p_rows, p_payers, p_scopes, p_types, p_periods,
      p_instance, p_oldest)
  );
END $$;
