-- Creates the user whom an app names by an external id that its organization does not know, if the app may create more,
-- with an audit row.
--
-- Arguments: the app, and the external id, well-formed.
-- Returns: whether that user exists now.
-- Locks: the app's row, so that the bound holds under concurrency. An app that is full rejects without a lock.
-- Called by: readCaller (lib/auth/caller.ts).
CREATE OR REPLACE FUNCTION tollgate_create_app_user_v1(p_app uuid, p_external_id text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_app apps;
  v_user uuid;
BEGIN
  -- Each statement sees what others have committed until it begins.
  SELECT * INTO v_app FROM apps a WHERE a.id = p_app;
  IF (SELECT count(*) FROM users u WHERE u.created_by_app = p_app) >= v_app.max_created_users THEN
    RETURN EXISTS (
      SELECT FROM users u WHERE u.organization_id = v_app.organization_id AND u.external_id = p_external_id);
  END IF;
  SELECT * INTO v_app FROM apps a WHERE a.id = p_app FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT v_app.create_users OR v_app.disabled THEN
    RETURN false;
  END IF;
  IF EXISTS (SELECT FROM users u WHERE u.organization_id = v_app.organization_id AND u.external_id = p_external_id) THEN
    RETURN true;
  END IF;
  IF (SELECT count(*) FROM users u WHERE u.created_by_app = p_app) >= v_app.max_created_users THEN
    RETURN false;
  END IF;
  INSERT INTO users (organization_id, external_id, created_by_app)
  VALUES (v_app.organization_id, p_external_id, p_app)
  ON CONFLICT DO NOTHING RETURNING id INTO v_user;
  -- Without a row, someone else has created the user just now.
  IF v_user IS NOT NULL THEN
    INSERT INTO audit_log (actor_id, actor_name, organization_id, action, subject_type, subject_id, after)
    VALUES (p_app::text, v_app.name, v_app.organization_id, 'user.create', 'user', v_user::text,
      jsonb_build_object('external_id', p_external_id, 'role', 'member', 'created_by_app', p_app));
  END IF;
  RETURN true;
END;
$$;
