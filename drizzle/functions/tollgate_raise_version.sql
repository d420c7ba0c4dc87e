-- Trigger function: increments `version` with every update of a caller's row. The hold compares versions, so a replica
-- that acts on a cached row gets the verdict `stale`. In the database, so that no writer can forget it.
--
-- Called by: the triggers below.
-- Source: credit.md, "Configuration".
CREATE OR REPLACE FUNCTION tollgate_raise_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER raise_version BEFORE UPDATE ON organizations
  FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
CREATE OR REPLACE TRIGGER raise_version BEFORE UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
CREATE OR REPLACE TRIGGER raise_version BEFORE UPDATE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
CREATE OR REPLACE TRIGGER raise_version BEFORE UPDATE ON apps
  FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
