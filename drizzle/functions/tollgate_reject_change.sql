-- Trigger function: rejects every change to a table that is append-only.
--
-- Errors: restrict_violation (23001).
-- Called by: the triggers below. The audit log is evidence; a price version explains old ledger rows.
CREATE OR REPLACE FUNCTION tollgate_reject_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_reject_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_versions
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_reject_change();
