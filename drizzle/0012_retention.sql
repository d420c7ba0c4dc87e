CREATE TABLE "ledger_state" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"kept_from" timestamp with time zone NOT NULL
);
--> statement-breakpoint
INSERT INTO ledger_state (id, kept_from) VALUES (1, 'epoch');
--> statement-breakpoint
-- Removes the oldest of the ledger's requests that have ended: at most p_limit of those made before p_before, the
-- beginning of an hour. What is held and what was adjusted by hand stays, the usage rollup stays whole, and the
-- counters keep what was removed in their opening balance: spent = opening + the rows that name the counter.
-- That the ledger is not whole before p_before any more is noted in the same commit. Rows that a settlement has
-- locked are left for the next time. Any number may run at once. Answers how many rows it removed.
CREATE FUNCTION tollgate_forget_requests_v1(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_rows uuid[];
BEGIN
  UPDATE ledger_state SET kept_from = p_before WHERE id = 1 AND kept_from < p_before;
  SELECT array_agg(r.id) INTO v_rows FROM (
    SELECT id FROM ledger
    WHERE id < tollgate_id_floor(p_before) AND created_at < p_before
      AND status IN ('settled', 'released', 'swept')
    ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) r;
  IF v_rows IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM 1 FROM counters c
  WHERE c.id IN (SELECT unnest(l.counter_ids) FROM ledger l WHERE l.id = ANY (v_rows) AND l.cost_usd <> 0)
  ORDER BY c.id FOR UPDATE;
  UPDATE counters c SET opening_usd = c.opening_usd + s.cost
  FROM (
    SELECT b.id, sum(l.cost_usd) AS cost FROM ledger l, unnest(l.counter_ids) AS b (id)
    WHERE l.id = ANY (v_rows) AND l.cost_usd <> 0 GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  DELETE FROM ledger WHERE id = ANY (v_rows);
  RETURN cardinality(v_rows);
END $$;
