-- Trigger function: gives a new counter the spend at which its budget's first event is due, so that settling compares one
-- number and reads no limits.
--
-- Called by: the trigger below.
CREATE OR REPLACE FUNCTION tollgate_first_alert() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.alert_usd := (
    SELECT tollgate_next_alert(b.limit_usd, b.soft_percent, NEW.spent_usd)
    FROM tollgate_budget_of(NEW.scope_type, NEW.scope_id) b WHERE b.period = NEW.period);
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER first_alert BEFORE INSERT ON counters
  FOR EACH ROW EXECUTE FUNCTION tollgate_first_alert();
