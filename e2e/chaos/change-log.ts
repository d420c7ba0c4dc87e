import type postgres from "postgres";

/**
 * Adds a trigger that records three things in the commits that cause them:
 * - what may raise a counter above its limit without a grant (an overrun, a sweep above its hold, a late settlement after
 *   a sweep, an adjustment), so that polls can attribute the rest to grants;
 * - what a sweep charged for a row that a late settlement then ends anew;
 * - changes of ended rows, which must not happen.
 */
export async function logChanges(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE chaos_excess (counter_id bigint NOT NULL, ledger_id uuid NOT NULL, why text NOT NULL, usd numeric NOT NULL);
    CREATE INDEX ON chaos_excess (counter_id);
    CREATE TABLE chaos_swept (ledger_id uuid PRIMARY KEY, usd numeric NOT NULL);
    CREATE TABLE chaos_forbidden (ledger_id uuid NOT NULL, was text NOT NULL, became text NOT NULL);
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      v_why text;
      v_usd numeric;
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'adjustment' THEN RETURN NULL; END IF;
        v_why := 'adjustment';
        v_usd := NEW.cost_usd;
      ELSIF OLD.status = 'held' AND NEW.status <> 'held' THEN
        v_why := CASE WHEN NEW.status = 'swept' THEN 'sweep' ELSE 'overrun' END;
        v_usd := greatest(NEW.cost_usd - OLD.hold_usd, 0);
      ELSIF OLD.status = 'swept' AND NEW.status = 'held' THEN
        INSERT INTO chaos_swept VALUES (NEW.id, OLD.cost_usd);
        v_why := 'late';
        v_usd := greatest(OLD.hold_usd - OLD.cost_usd, 0);
      ELSIF (OLD.status, OLD.cost_usd) IS DISTINCT FROM (NEW.status, NEW.cost_usd) THEN
        INSERT INTO chaos_forbidden
        VALUES (NEW.id, concat_ws(' ', OLD.status, OLD.cost_usd), concat_ws(' ', NEW.status, NEW.cost_usd));
        RETURN NULL;
      END IF;
      IF v_usd <> 0 THEN
        INSERT INTO chaos_excess SELECT b.id, NEW.id, v_why, v_usd FROM unnest(NEW.counter_ids) AS b (id);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_note AFTER INSERT OR UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION chaos_note();
  `);
}
