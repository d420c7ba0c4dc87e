-- Trigger function: increments the one version of all routing (routing_state) with every statement that changes
-- providers, models, targets or imported prices. A hold that was routed under an older version gets the verdict `stale`. A rotation of
-- ENCRYPTION_KEY sets `tollgate.resealing` in its transaction: it changes no route.
--
-- Locks: the row of routing_state, until the transaction ends.
-- Called by: the triggers below.
-- Source: credit.md, "Configuration".
CREATE OR REPLACE FUNCTION tollgate_raise_routing_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('tollgate.resealing', true) = 'on' THEN RETURN NULL; END IF;
  UPDATE routing_state SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON providers
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
CREATE OR REPLACE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON models
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
CREATE OR REPLACE TRIGGER raise_routing_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON model_targets
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
CREATE OR REPLACE TRIGGER raise_routing_version AFTER INSERT OR DELETE OR TRUNCATE
  OR UPDATE OF price_version_id, context_window, max_output_tokens ON imported_prices
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();
