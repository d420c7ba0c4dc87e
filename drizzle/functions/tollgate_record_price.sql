-- Trigger function: adds a row to target_prices when a target has another price than the last one of the same model,
-- provider and upstream model. A model's update replaces its targets: those with the price that they had add none.
--
-- Locks: none besides the inserted row.
-- Called by: the trigger below.
CREATE OR REPLACE FUNCTION tollgate_record_price() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.price_version_id IS DISTINCT FROM (
    SELECT h.price_version_id FROM target_prices h
    WHERE h.model_id = NEW.model_id AND h.provider_id = NEW.provider_id AND h.upstream_model = NEW.upstream_model
    ORDER BY h.id DESC LIMIT 1
  ) THEN
    INSERT INTO target_prices (model_id, provider_id, upstream_model, price_version_id)
    VALUES (NEW.model_id, NEW.provider_id, NEW.upstream_model, NEW.price_version_id);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER record_price AFTER INSERT OR UPDATE OF price_version_id ON model_targets
  FOR EACH ROW EXECUTE FUNCTION tollgate_record_price();
