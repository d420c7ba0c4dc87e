-- Versions that the hold compares: raised by the database itself, so that no writer can forget.
CREATE FUNCTION tollgate_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER raise_version BEFORE UPDATE ON organizations FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
--> statement-breakpoint
CREATE TRIGGER raise_version BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
--> statement-breakpoint
CREATE TRIGGER raise_version BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
--> statement-breakpoint
CREATE TRIGGER raise_version BEFORE UPDATE ON apps FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();
--> statement-breakpoint
INSERT INTO routing_state (id, version) VALUES (1, 1);
--> statement-breakpoint
CREATE FUNCTION tollgate_raise_routing_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE routing_state SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON providers
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
--> statement-breakpoint
CREATE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON models
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
--> statement-breakpoint
CREATE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON model_targets
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
--> statement-breakpoint
-- What must never change after it was written.
CREATE FUNCTION tollgate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_versions
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();
--> statement-breakpoint
-- The counters' few rows are updated all day: room on the page keeps the updates in place.
ALTER TABLE counters SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
--> statement-breakpoint
ALTER TABLE usage_hourly SET (fillfactor = 50);
