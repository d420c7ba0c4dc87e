-- Everything that is live in the database. Generated from the migrations by `npm run db:schema`; a test compares them.
-- drizzle/functions has the functions with their contracts.

CREATE TYPE budget_event_kind AS ENUM ('soft_limit_reached', 'limit_reached');
CREATE TYPE delivery_status AS ENUM ('pending', 'delivered', 'failed');
CREATE TYPE failure_mode AS ENUM ('fail_closed', 'fail_open');
CREATE TYPE hang_up AS ENUM ('abort', 'drain');
CREATE TYPE ledger_status AS ENUM ('held', 'settled', 'released', 'swept', 'adjustment');
CREATE TYPE mail_kind AS ENUM ('event', 'invitation', 'password_reset', 'password_changed', 'address_changed');
CREATE TYPE mail_status AS ENUM ('pending', 'sent', 'failed');
CREATE TYPE payment_status AS ENUM ('active', 'expired', 'none');
CREATE TYPE period AS ENUM ('day', 'week', 'month', 'total');
CREATE TYPE price_source AS ENUM ('catalogue', 'manual', 'imported');
CREATE TYPE role AS ENUM ('admin', 'org_admin', 'member', 'viewer');
CREATE TYPE scope_type AS ENUM ('organization', 'user', 'api_key', 'app');
CREATE TYPE usage_cut AS ENUM ('caller', 'owner', 'organization', 'installation');
CREATE TYPE usage_source AS ENUM ('provider', 'estimated');
CREATE TYPE webhook_disabled_reason AS ENUM ('failing', 'gone', 'manual');
CREATE TYPE webhook_format AS ENUM ('standard', 'slack');

CREATE TABLE accounts (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  email text NOT NULL,
  email_confirmed_at timestamp with time zone,
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  home_organization_id uuid,
  last_user_id uuid,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  last_sign_in_at timestamp with time zone,
  email_vouched boolean NOT NULL DEFAULT false,
  CONSTRAINT accounts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX accounts_confirmed_email_key ON public.accounts USING btree (lower(email)) WHERE (email_confirmed_at IS NOT NULL);
CREATE INDEX accounts_email ON public.accounts USING btree (lower(email));
CREATE UNIQUE INDEX accounts_oidc_key ON public.accounts USING btree (oidc_issuer, oidc_subject);
CREATE UNIQUE INDEX accounts_unconfirmed_email_key ON public.accounts USING btree (lower(email), COALESCE(home_organization_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (email_confirmed_at IS NULL);

CREATE TABLE admin_tokens (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  role role NOT NULL,
  organization_id uuid,
  token_hash bytea NOT NULL,
  token_prefix text NOT NULL,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  maker_id uuid,
  CONSTRAINT admin_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT "admin_tokens_tokenHash_unique" UNIQUE (token_hash)
);
CREATE INDEX admin_tokens_maker ON public.admin_tokens USING btree (maker_id);

CREATE TABLE api_keys (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  organization_id uuid NOT NULL,
  user_id uuid,
  key_hash bytea NOT NULL,
  key_prefix text NOT NULL,
  previous_key_hash bytea,
  previous_key_expires_at timestamp with time zone,
  allowed_models text[],
  allowed_ips text[],
  provider_id uuid,
  budget_limit_usd numeric(38,12),
  budget_period period,
  budget_soft_percent smallint,
  max_concurrent integer,
  rate_limits jsonb,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  version bigint NOT NULL DEFAULT 1,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by uuid,
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT "api_keys_keyHash_unique" UNIQUE (key_hash),
  CONSTRAINT "api_keys_previousKeyHash_unique" UNIQUE (previous_key_hash)
);
CREATE INDEX api_keys_metadata ON public.api_keys USING gin (metadata jsonb_path_ops) WHERE (metadata <> '{}'::jsonb);
CREATE INDEX api_keys_organization ON public.api_keys USING btree (organization_id);
CREATE INDEX api_keys_tags ON public.api_keys USING gin (tags);
CREATE INDEX api_keys_user ON public.api_keys USING btree (user_id);

CREATE TABLE apps (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  organization_id uuid NOT NULL,
  external_id text,
  secret_hash bytea NOT NULL,
  previous_secret_hash bytea,
  previous_secret_expires_at timestamp with time zone,
  allowed_models text[],
  budget_limit_usd numeric(38,12),
  budget_period period,
  budget_soft_percent smallint,
  max_concurrent integer,
  rate_limits jsonb,
  disabled boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  create_users boolean NOT NULL DEFAULT false,
  max_created_users integer NOT NULL DEFAULT 1000,
  CONSTRAINT apps_pkey PRIMARY KEY (id),
  CONSTRAINT "apps_previousSecretHash_unique" UNIQUE (previous_secret_hash),
  CONSTRAINT "apps_secretHash_unique" UNIQUE (secret_hash)
);
CREATE UNIQUE INDEX apps_external_id_key ON public.apps USING btree (organization_id, external_id);
CREATE INDEX apps_metadata ON public.apps USING gin (metadata jsonb_path_ops) WHERE (metadata <> '{}'::jsonb);

CREATE TABLE audit_log (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME audit_log_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  at timestamp with time zone NOT NULL DEFAULT now(),
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  organization_id uuid,
  action text NOT NULL,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  before jsonb,
  after jsonb,
  ip text,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_organization ON public.audit_log USING btree (organization_id, id);

CREATE TABLE budget_events (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME budget_events_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  at timestamp with time zone NOT NULL DEFAULT now(),
  kind budget_event_kind NOT NULL,
  scope_type scope_type NOT NULL,
  scope_id uuid NOT NULL,
  organization_id uuid,
  period period NOT NULL,
  period_start timestamp with time zone NOT NULL,
  limit_usd numeric(38,12) NOT NULL,
  percent smallint NOT NULL,
  spent_usd numeric(38,12) NOT NULL,
  CONSTRAINT budget_events_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX budget_events_once ON public.budget_events USING btree (scope_id, period, period_start, kind, percent, COALESCE(organization_id, '00000000-0000-0000-0000-000000000000'::uuid), (
CASE
    WHEN (period = 'total'::period) THEN limit_usd
    ELSE (0)::numeric
END));
CREATE INDEX budget_events_organization ON public.budget_events USING btree (organization_id, id);

CREATE TABLE counters (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME counters_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  scope_type scope_type NOT NULL,
  scope_id uuid NOT NULL,
  period period NOT NULL,
  period_start timestamp with time zone NOT NULL,
  spent_usd numeric(38,12) NOT NULL DEFAULT 0,
  held_usd numeric(38,12) NOT NULL DEFAULT 0,
  open_holds integer NOT NULL DEFAULT 0,
  opening_usd numeric(38,12) NOT NULL DEFAULT 0,
  alert_usd numeric(38,12),
  CONSTRAINT counters_pkey PRIMARY KEY (id),
  CONSTRAINT counters_bucket UNIQUE (scope_id, period, period_start)
) WITH (fillfactor=20, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=2000);

CREATE TABLE events (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  type text NOT NULL,
  organization_id uuid,
  user_id uuid,
  data jsonb NOT NULL,
  dispatched_at timestamp with time zone,
  CONSTRAINT events_pkey PRIMARY KEY (id)
);
CREATE INDEX events_created ON public.events USING btree (created_at, id);
CREATE INDEX events_organization ON public.events USING btree (organization_id, created_at, id);
CREATE INDEX events_undispatched ON public.events USING btree (created_at) WHERE (dispatched_at IS NULL);

CREATE TABLE former_names (
  organization_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  name text NOT NULL,
  email text,
  key_prefix text,
  CONSTRAINT former_names_organization_id_subject_id_pk PRIMARY KEY (organization_id, subject_id)
);

CREATE TABLE idempotency_keys (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME idempotency_keys_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  actor_id text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status integer,
  answer bytea,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (id)
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);
CREATE UNIQUE INDEX idempotency_keys_key ON public.idempotency_keys USING btree (actor_id, key);

CREATE TABLE imported_prices (
  model text NOT NULL,
  price_version_id uuid NOT NULL,
  context_window integer,
  max_output_tokens integer,
  imported_at timestamp with time zone NOT NULL DEFAULT now(),
  refreshed_at timestamp with time zone,
  CONSTRAINT imported_prices_pkey PRIMARY KEY (model)
);

CREATE TABLE installation_secrets (
  id smallint NOT NULL DEFAULT 1,
  hashing bytea NOT NULL,
  CONSTRAINT installation_secrets_pkey PRIMARY KEY (id)
);

CREATE TABLE instances (
  id uuid NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  alive_until timestamp with time zone NOT NULL,
  oldest_open uuid NOT NULL,
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  is_spared boolean NOT NULL DEFAULT false,
  CONSTRAINT instances_pkey PRIMARY KEY (id)
);

CREATE TABLE invites (
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  maker_id uuid,
  CONSTRAINT invites_pkey PRIMARY KEY (user_id),
  CONSTRAINT "invites_tokenHash_unique" UNIQUE (token_hash)
);
CREATE INDEX invites_maker ON public.invites USING btree (maker_id);

CREATE TABLE job_runs (
  name text NOT NULL,
  ended_at timestamp with time zone NOT NULL,
  CONSTRAINT job_runs_pkey PRIMARY KEY (name)
);

CREATE TABLE ledger (
  id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  settled_at timestamp with time zone,
  status ledger_status NOT NULL,
  organization_id uuid NOT NULL,
  user_id uuid,
  api_key_id uuid,
  app_id uuid,
  endpoint text NOT NULL,
  model text NOT NULL,
  provider text,
  upstream_model text,
  price_version_id uuid,
  stream boolean NOT NULL DEFAULT false,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  client_request_id text,
  input_tokens bigint NOT NULL DEFAULT 0,
  output_tokens bigint NOT NULL DEFAULT 0,
  cached_tokens bigint NOT NULL DEFAULT 0,
  cache_write_tokens bigint NOT NULL DEFAULT 0,
  reasoning_tokens bigint NOT NULL DEFAULT 0,
  hold_usd numeric(38,12) NOT NULL DEFAULT 0,
  cost_usd numeric(38,12) NOT NULL DEFAULT 0,
  overrun_usd numeric(38,12) NOT NULL DEFAULT 0,
  usage_source usage_source,
  http_status integer,
  error_code text,
  latency_ms integer,
  ttft_ms integer,
  reason text,
  adjusted_by text,
  counter_ids bigint[] NOT NULL,
  instance_id uuid,
  if_swept_usd numeric(38,12) NOT NULL DEFAULT 0,
  if_swept_output_tokens bigint NOT NULL DEFAULT 0,
  fail_open boolean NOT NULL DEFAULT false,
  meters jsonb NOT NULL DEFAULT '{}'::jsonb,
  session_id text,
  provider_cost_usd numeric(38,12),
  dropped text[] NOT NULL DEFAULT '{}'::text[],
  dispatched_ms integer,
  attempts jsonb,
  metadata_id uuid,
  CONSTRAINT ledger_pkey PRIMARY KEY (id)
) WITH (fillfactor=60, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=20000, autovacuum_vacuum_insert_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);
CREATE INDEX ledger_adjustments ON public.ledger USING btree (COALESCE(api_key_id, app_id, user_id, organization_id)) WHERE (adjusted_by IS NOT NULL);
CREATE INDEX ledger_api_key ON public.ledger USING btree (api_key_id, id);
CREATE INDEX ledger_app ON public.ledger USING btree (app_id, id) WHERE (app_id IS NOT NULL);
CREATE INDEX ledger_client_request ON public.ledger USING btree (client_request_id, id) WHERE (client_request_id IS NOT NULL);
CREATE INDEX ledger_organization ON public.ledger USING btree (organization_id, id);
CREATE INDEX ledger_session ON public.ledger USING btree (session_id, id) WHERE (session_id IS NOT NULL);
CREATE INDEX ledger_user ON public.ledger USING btree (user_id, id);

CREATE TABLE ledger_state (
  id smallint NOT NULL DEFAULT 1,
  kept_from timestamp with time zone NOT NULL,
  detailed_from timestamp with time zone NOT NULL DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone,
  rolled_up_from timestamp with time zone NOT NULL DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone,
  CONSTRAINT ledger_state_pkey PRIMARY KEY (id)
);

CREATE TABLE mails (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  to_address text NOT NULL,
  event_id uuid,
  link bytea,
  organization_id uuid,
  status mail_status NOT NULL DEFAULT 'pending'::mail_status,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL DEFAULT now(),
  error text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  kind mail_kind NOT NULL DEFAULT 'event'::mail_kind,
  reset_id uuid,
  CONSTRAINT mails_pkey PRIMARY KEY (id)
);
CREATE INDEX mails_created ON public.mails USING btree (created_at);
CREATE INDEX mails_due ON public.mails USING btree (next_attempt_at) WHERE (status = 'pending'::mail_status);
CREATE UNIQUE INDEX mails_once ON public.mails USING btree (event_id, to_address) WHERE (event_id IS NOT NULL);
CREATE INDEX mails_reset ON public.mails USING btree (reset_id) WHERE (reset_id IS NOT NULL);

CREATE TABLE metadata_sets (
  id uuid NOT NULL,
  pairs jsonb NOT NULL,
  CONSTRAINT metadata_sets_pkey PRIMARY KEY (id)
);

CREATE TABLE model_targets (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  model_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  upstream_model text NOT NULL,
  price_version_id uuid NOT NULL,
  priority integer NOT NULL DEFAULT 0,
  enabled boolean NOT NULL DEFAULT true,
  weight integer NOT NULL DEFAULT 1,
  connect_timeout_ms integer,
  timeout_ms integer,
  idle_timeout_ms integer,
  max_concurrent integer,
  requests_per_minute integer,
  tokens_per_minute integer,
  context_window integer,
  CONSTRAINT model_targets_pkey PRIMARY KEY (id),
  CONSTRAINT "model_targets_modelId_providerId_upstreamModel_unique" UNIQUE (model_id, provider_id, upstream_model)
);
CREATE INDEX model_targets_provider ON public.model_targets USING btree (provider_id);

CREATE TABLE models (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  aliases text[] NOT NULL DEFAULT '{}'::text[],
  strategy text NOT NULL DEFAULT 'priority'::text,
  context_window integer,
  max_output_tokens integer,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  drop_unsupported boolean NOT NULL DEFAULT false,
  retries integer NOT NULL DEFAULT 1,
  hedge_after_ms integer,
  CONSTRAINT models_pkey PRIMARY KEY (id),
  CONSTRAINT models_name_unique UNIQUE (name)
);

CREATE TABLE notice_reads (
  event_id uuid NOT NULL,
  reader_id text NOT NULL,
  read_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT notice_reads_event_id_reader_id_pk PRIMARY KEY (event_id, reader_id)
);

CREATE TABLE oidc_organization (
  id smallint NOT NULL DEFAULT 1,
  setting text NOT NULL,
  organization_id uuid,
  resolved_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT oidc_organization_pkey PRIMARY KEY (id),
  CONSTRAINT oidc_organization_one_row CHECK ((id = 1))
);

CREATE TABLE organizations (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  suspended_at timestamp with time zone,
  failure_mode failure_mode NOT NULL DEFAULT 'fail_closed'::failure_mode,
  fail_open_allowance_usd numeric(38,12),
  on_hang_up hang_up NOT NULL DEFAULT 'abort'::hang_up,
  budget_limit_usd numeric(38,12),
  budget_period period,
  budget_soft_percent smallint,
  max_concurrent integer,
  rate_limits jsonb,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  allowed_models text[],
  member_keys jsonb,
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT organizations_pkey PRIMARY KEY (id)
);
CREATE INDEX organizations_metadata ON public.organizations USING gin (metadata jsonb_path_ops) WHERE (metadata <> '{}'::jsonb);

CREATE TABLE password_reset_requests (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  email text NOT NULL,
  portal_url text NOT NULL,
  ip text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT password_reset_requests_pkey PRIMARY KEY (id)
);
CREATE INDEX password_reset_requests_created ON public.password_reset_requests USING btree (created_at);

CREATE TABLE password_resets (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL,
  email text NOT NULL,
  token_hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT password_resets_pkey PRIMARY KEY (id),
  CONSTRAINT "password_resets_tokenHash_unique" UNIQUE (token_hash)
);
CREATE INDEX password_resets_account ON public.password_resets USING btree (account_id);

CREATE TABLE price_versions (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  source price_source NOT NULL,
  origin text NOT NULL,
  rates jsonb NOT NULL,
  digest bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT price_versions_pkey PRIMARY KEY (id),
  CONSTRAINT price_versions_digest_unique UNIQUE (digest)
);

CREATE TABLE providers (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  type text NOT NULL,
  base_url text,
  credentials bytea,
  settings jsonb NOT NULL DEFAULT '{}'::jsonb,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  headers bytea,
  CONSTRAINT providers_pkey PRIMARY KEY (id),
  CONSTRAINT providers_name_unique UNIQUE (name)
);

CREATE TABLE rejections_hourly (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME rejections_hourly_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  hour timestamp with time zone NOT NULL,
  code text NOT NULL,
  organization_id uuid,
  user_id uuid,
  api_key_id uuid,
  app_id uuid,
  key_prefix text,
  model text,
  rejections bigint NOT NULL,
  last_at timestamp with time zone NOT NULL,
  last_message text NOT NULL,
  last_requests jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT rejections_hourly_pkey PRIMARY KEY (id),
  CONSTRAINT rejections_hourly_group UNIQUE NULLS NOT DISTINCT (hour, code, organization_id, user_id, api_key_id, app_id, key_prefix, model)
);
CREATE INDEX rejections_hourly_organization ON public.rejections_hourly USING btree (organization_id, hour) WHERE (organization_id IS NOT NULL);

CREATE TABLE routing_state (
  id smallint NOT NULL DEFAULT 1,
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT routing_state_pkey PRIMARY KEY (id)
);

CREATE TABLE sessions (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  last_seen_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  ip text,
  user_agent text,
  CONSTRAINT sessions_pkey PRIMARY KEY (id)
);
CREATE INDEX sessions_account ON public.sessions USING btree (account_id);
CREATE INDEX sessions_expiry ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);

CREATE TABLE sign_in_failures (
  subject bytea NOT NULL,
  failures integer NOT NULL,
  window_started_at timestamp with time zone NOT NULL,
  CONSTRAINT sign_in_failures_pkey PRIMARY KEY (subject)
);

CREATE TABLE target_prices (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME target_prices_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  model_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  upstream_model text NOT NULL,
  price_version_id uuid NOT NULL,
  since timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT target_prices_pkey PRIMARY KEY (id)
);
CREATE INDEX target_prices_model ON public.target_prices USING btree (model_id, id);

CREATE TABLE target_states (
  provider_id uuid NOT NULL,
  credential_id text NOT NULL,
  upstream_model text NOT NULL,
  opened_at timestamp with time zone NOT NULL,
  probe_after timestamp with time zone NOT NULL,
  trips integer NOT NULL,
  reason text NOT NULL,
  closed_at timestamp with time zone,
  CONSTRAINT target_states_provider_id_credential_id_upstream_model_pk PRIMARY KEY (provider_id, credential_id, upstream_model)
);

CREATE TABLE usage_days (
  group_id bigint NOT NULL,
  day date NOT NULL,
  cut usage_cut NOT NULL,
  requests bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  cost_usd numeric(38,12) NOT NULL,
  latency numeric NOT NULL DEFAULT '0'::numeric,
  ttft numeric NOT NULL DEFAULT '0'::numeric,
  CONSTRAINT usage_days_group_id_day_pk PRIMARY KEY (group_id, day)
) WITH (fillfactor=60, autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX usage_days_day ON public.usage_days USING btree (cut, day);

CREATE TABLE usage_groups (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME usage_groups_id_seq START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1),
  hash uuid NOT NULL,
  cut usage_cut NOT NULL,
  organization_id uuid,
  user_id uuid,
  api_key_id uuid,
  app_id uuid,
  model text NOT NULL,
  provider text,
  upstream_model text,
  endpoint text,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  metadata_id uuid,
  CONSTRAINT usage_groups_pkey PRIMARY KEY (id),
  CONSTRAINT usage_groups_hash_unique UNIQUE (hash)
);
CREATE INDEX usage_groups_api_key ON public.usage_groups USING btree (api_key_id) WHERE (api_key_id IS NOT NULL);
CREATE INDEX usage_groups_app ON public.usage_groups USING btree (app_id) WHERE (app_id IS NOT NULL);
CREATE INDEX usage_groups_organization ON public.usage_groups USING btree (organization_id, cut);
CREATE INDEX usage_groups_user ON public.usage_groups USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE TABLE usage_pending (
  at timestamp with time zone NOT NULL,
  organization_id uuid NOT NULL,
  user_id uuid,
  api_key_id uuid,
  app_id uuid,
  model text NOT NULL,
  provider text,
  upstream_model text,
  endpoint text,
  tags text[] NOT NULL,
  requests integer NOT NULL,
  errors integer NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  cost_usd numeric(38,12) NOT NULL,
  latency_ms integer,
  ttft_ms integer,
  metadata_id uuid
) WITH (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000, autovacuum_vacuum_insert_threshold=-1);

CREATE TABLE usage_quarters (
  group_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  cut usage_cut NOT NULL,
  requests bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  cost_usd numeric(38,12) NOT NULL,
  latency numeric NOT NULL DEFAULT '0'::numeric,
  ttft numeric NOT NULL DEFAULT '0'::numeric,
  CONSTRAINT usage_quarters_group_id_at_pk PRIMARY KEY (group_id, at)
) WITH (fillfactor=80);
CREATE INDEX usage_quarters_at ON public.usage_quarters USING btree (cut, at);

CREATE TABLE usage_spans (
  group_id bigint NOT NULL,
  hours smallint NOT NULL,
  at timestamp with time zone NOT NULL,
  cut usage_cut NOT NULL,
  requests bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  cost_usd numeric(38,12) NOT NULL,
  latency numeric NOT NULL DEFAULT '0'::numeric,
  ttft numeric NOT NULL DEFAULT '0'::numeric,
  CONSTRAINT usage_spans_group_id_hours_at_pk PRIMARY KEY (group_id, hours, at)
) WITH (fillfactor=60, autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX usage_spans_at ON public.usage_spans USING btree (cut, hours, at);

CREATE TABLE usage_totals (
  organization_id uuid NOT NULL,
  user_id uuid,
  provider text,
  requests bigint NOT NULL,
  cost_usd numeric(38,12) NOT NULL,
  CONSTRAINT usage_totals_group UNIQUE NULLS NOT DISTINCT (organization_id, user_id, provider)
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);

CREATE TABLE users (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  email text,
  name text,
  external_id text,
  role role NOT NULL DEFAULT 'member'::role,
  payment_valid_until date,
  payment_status payment_status NOT NULL DEFAULT 'none'::payment_status,
  budget_limit_usd numeric(38,12),
  budget_period period,
  budget_soft_percent smallint,
  max_concurrent integer,
  rate_limits jsonb,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  account_id uuid,
  allowed_models text[],
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_by_app uuid,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_account_email CHECK (((account_id IS NULL) OR (email IS NOT NULL))),
  CONSTRAINT users_named CHECK (((email IS NOT NULL) OR (external_id IS NOT NULL)))
) WITH (fillfactor=50);
CREATE UNIQUE INDEX users_account_key ON public.users USING btree (account_id, COALESCE(organization_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (account_id IS NOT NULL);
CREATE INDEX users_created_by_app ON public.users USING btree (created_by_app) WHERE (created_by_app IS NOT NULL);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email), COALESCE(organization_id, '00000000-0000-0000-0000-000000000000'::uuid));
CREATE INDEX users_external_id ON public.users USING btree (external_id) WHERE (external_id IS NOT NULL);
CREATE UNIQUE INDEX users_external_id_key ON public.users USING btree (organization_id, external_id);
CREATE INDEX users_metadata ON public.users USING gin (metadata jsonb_path_ops) WHERE (metadata <> '{}'::jsonb);

CREATE TABLE webhook_deliveries (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  webhook_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  event_at timestamp with time zone NOT NULL,
  data jsonb NOT NULL,
  status delivery_status NOT NULL DEFAULT 'pending'::delivery_status,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone NOT NULL DEFAULT now(),
  last_attempt_at timestamp with time zone,
  http_status integer,
  error text,
  latency_ms integer,
  response_excerpt text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id)
);
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (next_attempt_at) WHERE (status = 'pending'::delivery_status);
CREATE UNIQUE INDEX webhook_deliveries_once ON public.webhook_deliveries USING btree (webhook_id, event_id);
CREATE INDEX webhook_deliveries_webhook ON public.webhook_deliveries USING btree (webhook_id, created_at, id);

CREATE TABLE webhooks (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  organization_id uuid,
  url text NOT NULL,
  events text[] NOT NULL,
  format webhook_format NOT NULL,
  secret bytea NOT NULL,
  previous_secret bytea,
  previous_secret_expires_at timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason webhook_disabled_reason,
  failing_since timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT webhooks_pkey PRIMARY KEY (id)
);
CREATE INDEX webhooks_organization ON public.webhooks USING btree (organization_id, created_at);

ALTER TABLE accounts ADD CONSTRAINT accounts_home_organization_id_organizations_id_fk FOREIGN KEY (home_organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE admin_tokens ADD CONSTRAINT admin_tokens_maker_id_users_id_fk FOREIGN KEY (maker_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE admin_tokens ADD CONSTRAINT admin_tokens_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_provider_id_providers_id_fk FOREIGN KEY (provider_id) REFERENCES providers(id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE apps ADD CONSTRAINT apps_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id);
ALTER TABLE former_names ADD CONSTRAINT former_names_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE imported_prices ADD CONSTRAINT imported_prices_price_version_id_price_versions_id_fk FOREIGN KEY (price_version_id) REFERENCES price_versions(id);
ALTER TABLE invites ADD CONSTRAINT invites_maker_id_users_id_fk FOREIGN KEY (maker_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE invites ADD CONSTRAINT invites_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE mails ADD CONSTRAINT mails_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE mails ADD CONSTRAINT mails_reset_id_password_resets_id_fk FOREIGN KEY (reset_id) REFERENCES password_resets(id) ON DELETE CASCADE;
ALTER TABLE model_targets ADD CONSTRAINT model_targets_model_id_models_id_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE;
ALTER TABLE model_targets ADD CONSTRAINT model_targets_price_version_id_price_versions_id_fk FOREIGN KEY (price_version_id) REFERENCES price_versions(id);
ALTER TABLE model_targets ADD CONSTRAINT model_targets_provider_id_providers_id_fk FOREIGN KEY (provider_id) REFERENCES providers(id);
ALTER TABLE notice_reads ADD CONSTRAINT notice_reads_event_id_events_id_fk FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE;
ALTER TABLE password_resets ADD CONSTRAINT password_resets_account_id_accounts_id_fk FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE;
ALTER TABLE sessions ADD CONSTRAINT sessions_account_id_accounts_id_fk FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE;
ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE target_prices ADD CONSTRAINT target_prices_model_id_models_id_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE;
ALTER TABLE target_prices ADD CONSTRAINT target_prices_price_version_id_price_versions_id_fk FOREIGN KEY (price_version_id) REFERENCES price_versions(id);
ALTER TABLE target_states ADD CONSTRAINT target_states_provider_id_providers_id_fk FOREIGN KEY (provider_id) REFERENCES providers(id) ON DELETE CASCADE;
ALTER TABLE users ADD CONSTRAINT users_account_id_accounts_id_fk FOREIGN KEY (account_id) REFERENCES accounts(id);
ALTER TABLE users ADD CONSTRAINT users_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id);
ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_webhook_id_webhooks_id_fk FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE;
ALTER TABLE webhooks ADD CONSTRAINT webhooks_organization_id_organizations_id_fk FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

CREATE VIEW usage_hourly AS
 SELECT date_trunc('hour'::text, at, 'UTC'::text) AS hour,
    organization_id,
    user_id,
    api_key_id,
    app_id,
    model,
    provider,
    (sum(requests))::bigint AS requests,
    (sum(errors))::bigint AS errors,
    (sum(input_tokens))::bigint AS input_tokens,
    (sum(output_tokens))::bigint AS output_tokens,
    (sum(cached_tokens))::bigint AS cached_tokens,
    (sum(cost_usd))::numeric(38,12) AS cost_usd
   FROM ( SELECT q.at,
            g.organization_id,
            g.user_id,
            g.api_key_id,
            g.app_id,
            g.model,
            g.provider,
            q.requests,
            q.errors,
            q.input_tokens,
            q.output_tokens,
            q.cached_tokens,
            q.cost_usd
           FROM (usage_groups g
             JOIN usage_quarters q ON ((q.group_id = g.id)))
          WHERE (g.cut = 'caller'::usage_cut)
        UNION ALL
         SELECT usage_pending.at,
            usage_pending.organization_id,
            usage_pending.user_id,
            usage_pending.api_key_id,
            usage_pending.app_id,
            usage_pending.model,
            usage_pending.provider,
            usage_pending.requests,
            usage_pending.errors,
            usage_pending.input_tokens,
            usage_pending.output_tokens,
            usage_pending.cached_tokens,
            usage_pending.cost_usd
           FROM usage_pending) used
  GROUP BY (date_trunc('hour'::text, at, 'UTC'::text)), organization_id, user_id, api_key_id, app_id, model, provider;

CREATE OR REPLACE FUNCTION public.tollgate_add_usage_v1(p_usage usage_pending[])
 RETURNS void
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
  WITH summed AS (
    SELECT
      CASE WHEN grouping(p.organization_id) = 1 THEN 'installation' WHEN grouping(p.tags) = 1 THEN 'organization'
        WHEN grouping(p.model) = 1 THEN 'owner' ELSE 'caller' END::usage_cut AS cut,
      p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, coalesce(p.model, '') AS model, p.provider, p.upstream_model, p.endpoint,
      coalesce(p.tags, '{}') AS tags, p.metadata_id, sum(p.requests) AS requests, sum(p.errors) AS errors,
      sum(p.input_tokens) AS input_tokens, sum(p.output_tokens) AS output_tokens, sum(p.cached_tokens) AS cached_tokens,
      sum(p.cost_usd) AS cost_usd, sum(tollgate_latency_digit(p.latency_ms)) AS latency,
      sum(tollgate_latency_digit(p.ttft_ms)) AS ttft
    FROM unnest(p_usage) AS p
    GROUP BY GROUPING SETS (
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.model, p.provider, p.upstream_model, p.endpoint, p.tags,
        p.metadata_id),
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.tags, p.metadata_id),
      (p.at, p.organization_id, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at, p.organization_id),
      (p.at, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at, p.tags),
      (p.at))
    -- Requests without tags have no group of their own.
    HAVING grouping(p.organization_id) = 0 OR grouping(p.tags) = 1 OR cardinality(p.tags) > 0
  ), hashed AS MATERIALIZED (
    SELECT *, tollgate_usage_hash(
      cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags,
      metadata_id) AS hash
    FROM summed
  ), known AS MATERIALIZED (
    SELECT h.*, (SELECT g.id FROM usage_groups g WHERE g.hash = h.hash) AS known_id FROM hashed h
  ), grouped AS MATERIALIZED (
    -- Without a join, for which the planner has no idea of how many rows there are.
    SELECT n.*, coalesce(n.known_id, min(n.new_id) OVER (PARTITION BY n.hash)) AS group_id
    FROM (
      SELECT k.*, CASE WHEN k.known_id IS NULL THEN nextval('usage_groups_id_seq') END AS new_id FROM known k
    ) n
  ), added AS (
    INSERT INTO usage_groups (
      id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, metadata_id
    ) OVERRIDING SYSTEM VALUE
    SELECT DISTINCT ON (group_id) group_id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider,
      upstream_model, endpoint, tags, metadata_id
    FROM grouped WHERE known_id IS NULL
  ), quarters AS (
    INSERT INTO usage_quarters AS u (
      group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    FROM grouped WHERE cut <> 'owner'
    ON CONFLICT (group_id, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), days AS (
    INSERT INTO usage_days AS u (
      group_id, day, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, (at AT TIME ZONE 'UTC')::date, cut, sum(requests), sum(errors), sum(input_tokens), sum(output_tokens),
      sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped GROUP BY 1, 2, 3
    ON CONFLICT (group_id, day) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), spans AS (
    INSERT INTO usage_spans AS u (
      group_id, hours, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, s.hours, date_bin(s.hours * interval '1 hour', at, 'epoch'), cut, sum(requests), sum(errors),
      sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped CROSS JOIN (VALUES (6), (192), (768)) AS s (hours)
    WHERE cut = 'owner' OR (cut = 'caller' AND s.hours > 24)
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (group_id, hours, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  )
  INSERT INTO usage_totals AS u (organization_id, user_id, provider, requests, cost_usd)
  SELECT organization_id, user_id, provider, sum(requests), sum(cost_usd) FROM hashed WHERE cut = 'caller' GROUP BY 1, 2, 3
  ON CONFLICT ON CONSTRAINT usage_totals_group DO UPDATE SET
    requests = u.requests + excluded.requests, cost_usd = u.cost_usd + excluded.cost_usd;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_adjust_v1(p_id uuid, p_scope_type scope_type, p_scope_id uuid, p_period period, p_organization uuid, p_user uuid, p_key uuid, p_app uuid, p_amount numeric, p_reason text, p_actor text)
 RETURNS numeric
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_counter bigint;
  v_spent numeric;
  v_amount numeric;
  v_is_due boolean;
BEGIN
  SELECT cost_usd INTO v_amount FROM ledger WHERE id = p_id FOR UPDATE;
  IF FOUND THEN
    RETURN v_amount;
  END IF;
  INSERT INTO counters (scope_type, scope_id, period, period_start)
  VALUES (p_scope_type, p_scope_id, p_period, tollgate_period_start(p_period, statement_timestamp()))
  ON CONFLICT DO NOTHING;
  SELECT c.id, c.spent_usd INTO v_counter, v_spent FROM counters c
  WHERE c.scope_id = p_scope_id AND c.period = p_period
    AND c.period_start = tollgate_period_start(p_period, statement_timestamp())
  FOR UPDATE;
  v_amount := coalesce(p_amount, -v_spent);
  INSERT INTO ledger (
    id, created_at, settled_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model,
    cost_usd, reason, adjusted_by, counter_ids
  ) VALUES (
    p_id, statement_timestamp(), statement_timestamp(), 'adjustment', p_organization, p_user, p_key, p_app,
    'adjustment', 'adjustment', v_amount, p_reason, p_actor, ARRAY[v_counter]
  );
  UPDATE counters SET spent_usd = spent_usd + v_amount WHERE id = v_counter RETURNING spent_usd >= alert_usd INTO v_is_due;
  IF v_is_due THEN
    PERFORM tollgate_raise_budget_events_v1(ARRAY[v_counter]);
  END IF;
  RETURN v_amount;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_backfill_usage_v1(p_rows integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SET jit TO 'off'
AS $function$
DECLARE
  v_to timestamptz;
  v_kept timestamptz;
  v_from timestamptz;
  v_usage usage_pending[];
BEGIN
  IF (SELECT rolled_up_from <= kept_from FROM ledger_state) THEN
    RETURN true;
  END IF;
  IF NOT pg_try_advisory_xact_lock(742117901145) THEN
    RETURN false;
  END IF;
  SELECT rolled_up_from, date_bin('15 minutes', kept_from, 'epoch') INTO v_to, v_kept FROM ledger_state;
  v_from := (
    SELECT date_bin('15 minutes', tollgate_id_time(id), 'epoch') FROM ledger
    WHERE id < tollgate_id_floor(v_to) ORDER BY id DESC OFFSET p_rows LIMIT 1);
  v_from := least(greatest(coalesce(v_from, v_kept), v_kept), v_to - interval '15 minutes');
  WITH forgotten AS (
    DELETE FROM usage_pending WHERE at >= v_from AND at < v_to
  )
  -- Ids have the gateway's clock, `created_at` the database's: an hour of tolerance.
  SELECT array_agg(ROW(
    date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
    l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms,
    l.metadata_id)::usage_pending)
  INTO v_usage
  FROM ledger l
  WHERE l.id >= tollgate_id_floor(greatest(v_from - interval '1 hour', 'epoch')) AND l.id < tollgate_id_floor(v_to + interval '1 hour')
    AND l.created_at >= v_from AND l.created_at < v_to AND l.status IN ('settled', 'released', 'swept');
  IF v_usage IS NOT NULL THEN
    PERFORM tollgate_add_usage_v1(v_usage);
  END IF;
  UPDATE ledger_state SET rolled_up_from = CASE WHEN v_from <= v_kept THEN 'epoch' ELSE v_from END;
  RETURN v_from <= v_kept;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_batch_v1(p_settlements jsonb, p_counters bigint[], p_ids uuid[], p_payer_of integer[], p_routing_versions bigint[], p_holds numeric[], p_floors numeric[], p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid)
 RETURNS json
 LANGUAGE plpgsql
 SET lock_timeout TO '300ms'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_budget_of(p_type scope_type, p_id uuid)
 RETURNS TABLE(organization_id uuid, user_id uuid, name text, limit_usd numeric, period period, soft_percent smallint)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT o.id, NULL::uuid, o.name, o.budget_limit_usd, o.budget_period, o.budget_soft_percent
  FROM organizations o WHERE p_type = 'organization' AND o.id = p_id AND o.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT u.organization_id, u.id, coalesce(u.name, u.email, u.external_id), u.budget_limit_usd, u.budget_period, u.budget_soft_percent
  FROM users u WHERE p_type = 'user' AND u.id = p_id AND u.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT k.organization_id, k.user_id, k.name, k.budget_limit_usd, k.budget_period, k.budget_soft_percent
  FROM api_keys k WHERE p_type = 'api_key' AND k.id = p_id AND k.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT a.organization_id, NULL, a.name, a.budget_limit_usd, a.budget_period, a.budget_soft_percent
  FROM apps a WHERE p_type = 'app' AND a.id = p_id AND a.budget_limit_usd IS NOT NULL
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_claim_probe_v1(p_provider uuid, p_credential text, p_model text)
 RETURNS boolean
 LANGUAGE sql
AS $function$
  WITH claimed AS (
    UPDATE target_states SET probe_after = clock_timestamp() + interval '15 seconds'
    WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model
      AND closed_at IS NULL AND probe_after <= clock_timestamp()
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM claimed);
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_create_app_user_v1(p_app uuid, p_external_id text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_delete_requests_v1(p_before timestamp with time zone, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_rows uuid[];
BEGIN
  IF (SELECT rolled_up_from > kept_from FROM ledger_state) THEN
    RETURN 0;
  END IF;
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
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_first_alert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.alert_usd := (
    SELECT tollgate_next_alert(b.limit_usd, b.soft_percent, NEW.spent_usd)
    FROM tollgate_budget_of(NEW.scope_type, NEW.scope_id) b WHERE b.period = NEW.period);
  RETURN NEW;
END $function$;

CREATE TRIGGER first_alert BEFORE INSERT ON public.counters FOR EACH ROW EXECUTE FUNCTION tollgate_first_alert();

CREATE OR REPLACE FUNCTION public.tollgate_heartbeat_v1(p_instance uuid, p_lease_seconds integer, p_oldest_open uuid, p_items jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM tollgate_spare_v1();
  INSERT INTO instances AS n (id, seen_at, alive_until, oldest_open)
  VALUES (p_instance, clock_timestamp(), clock_timestamp() + make_interval(secs => p_lease_seconds), p_oldest_open)
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, alive_until = excluded.alive_until,
    oldest_open = excluded.oldest_open, is_spared = false;
  WITH items AS MATERIALIZED (
    SELECT l.id, i.if_swept, i.if_swept_output
    FROM jsonb_to_recordset(p_items) AS i (id uuid, if_swept numeric, if_swept_output bigint)
    JOIN ledger l ON l.id = i.id
    WHERE l.status = 'held'
    ORDER BY l.id FOR UPDATE OF l
  )
  UPDATE ledger l SET if_swept_usd = i.if_swept, if_swept_output_tokens = i.if_swept_output
  FROM items i WHERE l.id = i.id AND l.status = 'held';
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_hold_v1(p_ids uuid[], p_payer_of integer[], p_routing_versions bigint[], p_holds numeric[], p_floors numeric[], p_rows jsonb, p_payers jsonb, p_scopes uuid[], p_types scope_type[], p_periods period[], p_instance uuid, p_oldest uuid)
 RETURNS json
 LANGUAGE plpgsql
 SET lock_timeout TO '300ms'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_day constant timestamptz := date_trunc('day', v_now, 'UTC');
  v_week constant timestamptz := date_trunc('week', v_now, 'UTC');
  v_month constant timestamptz := date_trunc('month', v_now, 'UTC');
  -- The starts of the periods before the running ones.
  v_day_before constant timestamptz := v_day - interval '24 hours';
  v_week_before constant timestamptz := v_week - interval '168 hours';
  v_month_before constant timestamptz := date_trunc('month', v_month - interval '24 hours', 'UTC');
  v_oldest_hold timestamptz;
  v_open_elsewhere integer[] := '{}';
  v_counters bigint[];
  v_ctids tid[];
  v_spent numeric[];
  v_held numeric[];
  v_open integer[];
  v_is_alive boolean := false;
  v_has_granted boolean := false;
  v_granted_ords bigint[];
  v_grants numeric[];
  v_inserted integer;
  v_verdicts json[] := '{}';
  v_verdict text;
  v_free numeric;
  v_grant numeric;
  v_caller_counters bigint[];
  i record;
  r record;
  s integer;
BEGIN
  -- In the first minute of a period, a hold that started before it may still be granted in the bucket that has ended.
  -- Lock both buckets, so that each hold sees what the other holds.
  IF v_now < v_day + interval '1 minute' THEN
    PERFORM 1 FROM unnest(p_scopes, p_periods) AS s (id, period)
    JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start >= CASE s.period
      WHEN 'month' THEN v_month_before WHEN 'day' THEN v_day_before WHEN 'week' THEN v_week_before ELSE 'epoch' END
    ORDER BY c.id FOR UPDATE OF c;
  END IF;
  -- Every scope has a counter for the running period; the first request of a period creates it. While an old snapshot
  -- is open, no version of a counter can be removed and the index lists them all: a range of one value, read from its
  -- end, finds the newest first. The counters are locked one at a time in the order of their ids.
  LOOP
    SELECT array_agg(c.id ORDER BY c.ord), array_agg(c.row_ctid ORDER BY c.ord), array_agg(c.spent_usd ORDER BY c.ord),
      array_agg(c.held_usd ORDER BY c.ord), array_agg(c.open_holds ORDER BY c.ord)
    INTO v_counters, v_ctids, v_spent, v_held, v_open
    FROM (
      SELECT f.ord, c.*
      FROM (
        SELECT s.ord, n.id
        FROM (
          SELECT s.ord, s.id, s.period, CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day
            WHEN 'week' THEN v_week ELSE 'epoch' END AS started
          FROM unnest(p_scopes, p_periods) WITH ORDINALITY AS s (id, period, ord) OFFSET 0
        ) s, LATERAL (
          SELECT c.id FROM counters c
          WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start BETWEEN s.started AND s.started
          ORDER BY c.period_start DESC LIMIT 1
        ) n
        ORDER BY n.id
      ) f, LATERAL (
        SELECT c.id, c.ctid AS row_ctid, c.spent_usd, c.held_usd, c.open_holds FROM counters c
        WHERE c.id BETWEEN f.id AND f.id ORDER BY c.id DESC LIMIT 1 FOR UPDATE
      ) c
    ) c;
    EXIT WHEN cardinality(v_counters) = cardinality(p_scopes);
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT s.type, s.id, s.period,
      CASE s.period WHEN 'month' THEN v_month WHEN 'day' THEN v_day WHEN 'week' THEN v_week ELSE 'epoch' END
    FROM unnest(p_scopes, p_types, p_periods) AS s (id, type, period) ORDER BY s.id
    ON CONFLICT DO NOTHING;
  END LOOP;

  FOR r IN
    SELECT p.ord, p.org, p.usr, p.key, p.app, p.metadata, p.so, p.su, p.sk, p.sa, t.version AS routing,
      CASE
        WHEN o.id IS NULL
          OR u.id IS DISTINCT FROM p.usr OR k.id IS DISTINCT FROM p.key OR a.id IS DISTINCT FROM p.app
          OR k.revoked_at <= v_now OR k.expires_at <= v_now OR a.disabled
          OR (p.key IS NULL AND p.app IS NULL) THEN 'invalid_api_key'
        WHEN o.suspended_at IS NOT NULL THEN 'organization_suspended'
        WHEN u.payment_valid_until < (v_now AT TIME ZONE 'UTC')::date THEN 'payment_expired'
        WHEN (p.ov, p.uv, p.kv, p.av) IS DISTINCT FROM (o.version, u.version, k.version, a.version) THEN 'stale'
      END AS rejection,
      o.budget_limit_usd AS o_limit, o.max_concurrent AS o_max, u.budget_limit_usd AS u_limit, u.max_concurrent AS u_max,
      k.budget_limit_usd AS k_limit, k.max_concurrent AS k_max, a.budget_limit_usd AS a_limit, a.max_concurrent AS a_max
    FROM jsonb_to_recordset(p_payers) AS p (
      ord integer, org uuid, usr uuid, key uuid, app uuid, metadata uuid, so integer, su integer, sk integer, sa integer,
      ov bigint, uv bigint, kv bigint, av bigint
    )
    JOIN routing_state t ON t.id = 1
    JOIN instances e ON e.id = p_instance AND e.alive_until > v_now + interval '10 seconds' AND e.oldest_open <= p_oldest
    LEFT JOIN organizations o ON o.id = p.org
    LEFT JOIN users u ON u.id = p.usr
    LEFT JOIN api_keys k ON k.id = p.key
    LEFT JOIN apps a ON a.id = p.app
  LOOP
    v_is_alive := true;
    v_caller_counters := array_remove(ARRAY[v_counters[r.so], v_counters[r.su], v_counters[r.sk], v_counters[r.sa]], NULL);
    v_granted_ords := '{}';
    v_grants := '{}';
    -- A concurrency limit also counts holds in the scope's other buckets: those of the period before, those left by a
    -- change of the budget's period, and any that may contain a hold as old as the oldest open one.
    IF r.o_max IS NOT NULL OR r.u_max IS NOT NULL OR r.k_max IS NOT NULL OR r.a_max IS NOT NULL THEN
      -- One hour of tolerance: ids carry the gateway's clock, buckets the database's.
      v_oldest_hold := coalesce(v_oldest_hold, (
        SELECT tollgate_id_time(oldest_open) - interval '1 hour' FROM instances ORDER BY oldest_open LIMIT 1));
      FOREACH s IN ARRAY ARRAY[
        CASE WHEN r.o_max IS NOT NULL THEN r.so END, CASE WHEN r.u_max IS NOT NULL THEN r.su END,
        CASE WHEN r.k_max IS NOT NULL THEN r.sk END, CASE WHEN r.a_max IS NOT NULL THEN r.sa END]
      LOOP
        CONTINUE WHEN s IS NULL OR v_open_elsewhere[s] IS NOT NULL;
        v_open_elsewhere[s] := (
          SELECT coalesce(sum(c.open_holds), 0)
          FROM (VALUES
            ('day'::period, least(v_day_before, date_trunc('day', v_oldest_hold, 'UTC'))),
            ('week', least(v_week_before, date_trunc('week', v_oldest_hold, 'UTC'))),
            ('month', least(v_month_before, date_trunc('month', v_oldest_hold, 'UTC'))),
            ('total', 'epoch')
          ) AS p (period, since)
          JOIN counters c ON c.scope_id = p_scopes[s] AND c.period = p.period AND c.period_start >= p.since
          WHERE c.id <> v_counters[s]
        );
      END LOOP;
    END IF;

    FOR i IN
      SELECT h.ord, h.rv, h.hold, h.floor, l.counter_ids, l.created_at, l.hold_usd
      FROM unnest(p_ids, p_payer_of, p_routing_versions, p_holds, p_floors) WITH ORDINALITY
        AS h (id, payer, rv, hold, floor, ord)
      LEFT JOIN ledger l ON l.id = h.id
      WHERE h.payer = r.ord
    LOOP
      IF i.counter_ids IS NOT NULL THEN
        -- A resent hold, whose first answer was lost: repeat the verdict.
        v_verdicts := v_verdicts
          || json_build_array(i.ord - 1, 'granted', i.counter_ids, i.created_at, i.hold_usd::text, NULL);
        CONTINUE;
      END IF;
      v_free := least(r.o_limit - v_spent[r.so] - v_held[r.so], r.u_limit - v_spent[r.su] - v_held[r.su],
        r.k_limit - v_spent[r.sk] - v_held[r.sk], r.a_limit - v_spent[r.sa] - v_held[r.sa]);
      v_verdict := CASE
        WHEN r.rejection IS NOT NULL THEN r.rejection
        WHEN i.rv IS DISTINCT FROM r.routing THEN 'stale'
        WHEN v_open[r.so] + v_open_elsewhere[r.so] >= r.o_max OR v_open[r.su] + v_open_elsewhere[r.su] >= r.u_max
          OR v_open[r.sk] + v_open_elsewhere[r.sk] >= r.k_max OR v_open[r.sa] + v_open_elsewhere[r.sa] >= r.a_max
          THEN 'concurrency_limit_exceeded'
        WHEN i.hold > v_free AND (i.floor > v_free) IS NOT FALSE THEN 'over_budget'
        ELSE 'granted'
      END;
      IF v_verdict = 'granted' THEN
        v_grant := least(i.hold, v_free);
        v_granted_ords := v_granted_ords || i.ord;
        v_grants := v_grants || v_grant;
        FOREACH s IN ARRAY ARRAY[r.so, r.su, r.sk, r.sa] LOOP
          IF s IS NOT NULL THEN
            v_held[s] := v_held[s] + v_grant;
            v_open[s] := v_open[s] + 1;
          END IF;
        END LOOP;
        v_verdicts := v_verdicts
          || json_build_array(i.ord - 1, v_verdict, v_caller_counters, v_now, v_grant::text, NULL);
      ELSIF v_verdict = 'over_budget' THEN
        v_verdicts := v_verdicts || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, (
          SELECT json_agg(json_build_array(b.scope, (b.max_usd - b.spent)::text, b.held::text) ORDER BY b.ord)
          FROM (VALUES
            (1, 'api_key', r.k_limit, v_spent[r.sk], v_held[r.sk]), (2, 'app', r.a_limit, v_spent[r.sa], v_held[r.sa]),
            (3, 'user', r.u_limit, v_spent[r.su], v_held[r.su]),
            (4, 'organization', r.o_limit, v_spent[r.so], v_held[r.so])
          ) AS b (ord, scope, max_usd, spent, held)
          WHERE b.max_usd IS NOT NULL));
      ELSE
        v_verdicts := v_verdicts || json_build_array(i.ord - 1, v_verdict, NULL, NULL, NULL, NULL);
      END IF;
    END LOOP;

    CONTINUE WHEN cardinality(v_granted_ords) = 0;
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, provider,
      upstream_model, price_version_id, stream, tags, client_request_id, session_id, metadata_id, input_tokens, hold_usd,
      counter_ids,
      instance_id, if_swept_usd, if_swept_output_tokens
    )
    SELECT
      p_ids[g.ord], v_now, 'held', r.org, r.usr, r.key, r.app, h.endpoint, h.model, h.provider,
      h.upstream_model, h.price, h.stream, h.tags, h.client_request_id, h.session_id, r.metadata, h.input_tokens, g.granted,
      v_caller_counters,
      -- The provider gets an output bound that what is granted pays for.
      p_instance, least(h.if_swept, g.granted), h.if_swept_output
    FROM unnest(v_granted_ords, v_grants) AS g (ord, granted),
      LATERAL jsonb_to_record(p_rows -> (g.ord::integer - 1)) AS h (
        endpoint text, model text, provider text, upstream_model text, price uuid, stream boolean, tags text[],
        client_request_id text, session_id text, input_tokens bigint, if_swept numeric, if_swept_output bigint
      )
    ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS v_inserted = ROW_COUNT;
    IF v_inserted < cardinality(v_granted_ords) THEN
      RAISE EXCEPTION 'the batch contains the same id twice' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_has_granted := true;
  END LOOP;

  IF NOT v_is_alive THEN
    RETURN NULL;
  END IF;
  IF v_has_granted THEN
    -- The counters are locked, so their ctids are still valid.
    UPDATE counters c SET held_usd = s.held, open_holds = s.open
    FROM unnest(v_ctids, v_held, v_open) AS s (row_ctid, held, open) WHERE c.ctid = s.row_ctid;
  END IF;
  RETURN array_to_json(v_verdicts);
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_id_floor(at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_id_time(id uuid)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT 'epoch'::timestamptz + ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint * interval '1 millisecond'
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_latency_digit(ms integer)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT CASE WHEN ms IS NULL THEN 0 ELSE
    ('1e' || (12 * least(ceil(ln(greatest(ms, 1)::double precision) / ln(1.15::double precision)), 110)::integer)::text)::numeric END
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_metadata_id(pairs jsonb)
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT CASE WHEN pairs <> '{}' THEN left(encode(sha256(convert_to(pairs::text, 'UTF8')), 'hex'), 32)::uuid END
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_next_alert(p_limit numeric, p_soft_percent smallint, p_spent numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE
    WHEN p_limit <= 0 THEN NULL
    WHEN p_spent * 100 < p_limit * p_soft_percent THEN ceil(p_limit * p_soft_percent * 1e10) * 0.000000000001
    WHEN p_spent < p_limit THEN p_limit
  END
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_period_start(p period, at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT CASE p WHEN 'total' THEN 'epoch'::timestamptz ELSE date_trunc(p::text, at, 'UTC') END
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_raise_budget_events_v1(p_counters bigint[])
 RETURNS json
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_raised json;
BEGIN
  WITH budgets AS MATERIALIZED (
    SELECT c.scope_type, c.scope_id, c.period, c.period_start, c.spent_usd, b.organization_id, b.user_id, b.name,
      b.limit_usd, b.soft_percent
    FROM counters c, LATERAL tollgate_budget_of(c.scope_type, c.scope_id) b
    WHERE c.id = ANY (p_counters) AND b.period = c.period AND b.limit_usd > 0
  ), raised AS (
    INSERT INTO budget_events (
      kind, scope_type, scope_id, organization_id, period, period_start, limit_usd, percent, spent_usd
    )
    SELECT k.kind, b.scope_type, b.scope_id, b.organization_id, b.period, b.period_start, b.limit_usd, k.percent, b.spent_usd
    FROM budgets b CROSS JOIN LATERAL (VALUES
      ('soft_limit_reached'::budget_event_kind, b.soft_percent), ('limit_reached', 100::smallint)
    ) AS k (kind, percent)
    WHERE b.spent_usd * 100 >= b.limit_usd * k.percent
      -- The unique index alone would do, but each call would use up a sequence number per known event.
      AND NOT EXISTS (
        SELECT FROM budget_events e
        WHERE e.scope_id = b.scope_id AND e.organization_id IS NOT DISTINCT FROM b.organization_id AND e.period = b.period
          AND e.period_start = b.period_start AND e.kind = k.kind AND e.percent = k.percent
          AND (e.period <> 'total' OR e.limit_usd = b.limit_usd)
      )
    ORDER BY b.scope_id, k.kind
    ON CONFLICT DO NOTHING
    RETURNING *
  ), told AS (
    INSERT INTO events (type, organization_id, user_id, data)
    SELECT CASE r.kind WHEN 'limit_reached' THEN 'budget.exhausted' ELSE 'budget.threshold' END, r.organization_id,
      b.user_id, jsonb_build_object(
        'scope', jsonb_build_object('type', r.scope_type, 'id', r.scope_id, 'name', b.name),
        'organization_id', r.organization_id, 'period', r.period,
        'period_start', CASE WHEN r.period <> 'total'
          THEN to_char(r.period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
        'limit_usd', trim_scale(r.limit_usd)::text, 'percent', r.percent, 'spent_usd', trim_scale(r.spent_usd)::text)
    FROM raised r JOIN budgets b USING (scope_type, scope_id, period, period_start)
  )
  SELECT json_agg(json_build_object(
    'kind', kind, 'scope_type', scope_type, 'scope_id', scope_id, 'period', period,
    'limit_usd', trim_scale(limit_usd)::text, 'percent', percent, 'spent_usd', trim_scale(spent_usd)::text) ORDER BY id)
  INTO v_raised FROM raised;
  UPDATE counters c SET alert_usd = n.alert_usd
  FROM (
    SELECT k.id, (
      SELECT tollgate_next_alert(b.limit_usd, b.soft_percent, k.spent_usd)
      FROM tollgate_budget_of(k.scope_type, k.scope_id) b WHERE b.period = k.period
    ) AS alert_usd
    FROM counters k WHERE k.id = ANY (p_counters)
  ) n
  WHERE c.id = n.id AND c.alert_usd IS DISTINCT FROM n.alert_usd;
  RETURN v_raised;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_raise_hold_v1(p_id uuid, p_usd numeric, p_if_swept numeric)
 RETURNS boolean
 LANGUAGE plpgsql
 SET lock_timeout TO '300ms'
AS $function$
DECLARE
  v_counters bigint[];
BEGIN
  SELECT counter_ids INTO v_counters FROM ledger WHERE id = p_id AND status = 'held' FOR UPDATE;
  PERFORM 1 FROM counters WHERE id = ANY (v_counters) ORDER BY id FOR UPDATE;
  -- Limits are read after the locks, as in tollgate_hold_v1. A bucket that is no longer the budget's has no limit.
  IF NOT FOUND OR EXISTS (
    SELECT FROM counters c, LATERAL (
      SELECT budget_limit_usd, budget_period FROM organizations WHERE c.scope_type = 'organization' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM users WHERE c.scope_type = 'user' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM api_keys WHERE c.scope_type = 'api_key' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM apps WHERE c.scope_type = 'app' AND id = c.scope_id
    ) s
    WHERE c.id = ANY (v_counters) AND s.budget_period = c.period
      AND c.spent_usd + c.held_usd + p_usd > s.budget_limit_usd
  ) THEN
    RETURN false;
  END IF;
  UPDATE counters SET held_usd = held_usd + p_usd WHERE id = ANY (v_counters);
  UPDATE ledger SET hold_usd = hold_usd + p_usd, if_swept_usd = if_swept_usd + p_if_swept WHERE id = p_id;
  RETURN true;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_raise_routing_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF current_setting('tollgate.resealing', true) = 'on' THEN RETURN NULL; END IF;
  UPDATE routing_state SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $function$;

CREATE TRIGGER raise_routing_version AFTER INSERT OR DELETE OR UPDATE OF price_version_id, context_window, max_output_tokens OR TRUNCATE ON public.imported_prices FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();

CREATE TRIGGER raise_routing_version AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.model_targets FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();

CREATE TRIGGER raise_routing_version AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.models FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();

CREATE TRIGGER raise_routing_version AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.providers FOR EACH STATEMENT EXECUTE FUNCTION tollgate_raise_routing_version();

CREATE OR REPLACE FUNCTION public.tollgate_raise_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $function$;

CREATE TRIGGER raise_version BEFORE UPDATE ON public.api_keys FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();

CREATE TRIGGER raise_version BEFORE UPDATE ON public.apps FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();

CREATE TRIGGER raise_version BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();

CREATE TRIGGER raise_version BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION tollgate_raise_version();

CREATE OR REPLACE FUNCTION public.tollgate_rebucket_v1(p_scope_type scope_type, p_scope_id uuid, p_from period, p_to period)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '50ms'
AS $function$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_start constant timestamptz := tollgate_period_start(p_to, v_now);
  -- No held row is older than this, and no late settlement of a swept row is expected after 15 minutes.
  v_floor constant uuid := least(
    tollgate_id_floor(v_now - interval '15 minutes'), (SELECT oldest_open FROM instances ORDER BY oldest_open LIMIT 1));
  -- The usage of earlier hours no longer changes: sum it before taking locks. One hour of tolerance: ids carry the
  -- gateway's clock, hours the database's.
  v_changing constant timestamptz := greatest(
    v_start, date_trunc('hour', tollgate_id_time(v_floor) - interval '1 hour', 'UTC'));
  v_column constant text := CASE p_scope_type WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id'
    WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END;
  v_organization constant uuid := CASE p_scope_type
    WHEN 'organization' THEN p_scope_id
    WHEN 'user' THEN (SELECT organization_id FROM users WHERE id = p_scope_id)
    WHEN 'api_key' THEN (SELECT organization_id FROM api_keys WHERE id = p_scope_id)
    ELSE (SELECT organization_id FROM apps WHERE id = p_scope_id) END;
  -- The ledger has no index on app_id, so the app's organization narrows the search.
  v_rows_of_scope constant text := format(
    'SELECT array_agg(r.id) FROM (
      SELECT id FROM ledger
      WHERE %I = $1 %s AND id >= $2 AND created_at >= $3 AND status IN (''held'', ''swept'') AND id <> ALL ($4)
      ORDER BY id FOR UPDATE %%s
    ) r',
    v_column,
    CASE p_scope_type WHEN 'app' THEN 'AND organization_id = $5' END);
  v_earlier numeric;
  v_later numeric;
  v_adjusted numeric;
  v_rows uuid[];
  v_left uuid[];
  v_newer uuid[];
  v_counters bigint[];
  v_to bigint;
  v_moved record;
BEGIN
  v_earlier := tollgate_usage_cost(p_scope_type, p_scope_id, v_organization, v_start, v_changing);

  -- A hold that arrived between locking rows and locking counters is locked last and without waiting, since its settlement
  -- may be waiting for the counters. If that fails, the block (a subtransaction) releases every lock and tries again.
  FOR v_attempt IN 1..100 LOOP
    BEGIN
      EXECUTE format(v_rows_of_scope, '') INTO v_rows USING p_scope_id, v_floor, v_start, '{}'::uuid[], v_organization;
      INSERT INTO counters (scope_type, scope_id, period, period_start)
      SELECT p_scope_type, p_scope_id, p.period, tollgate_period_start(p.period, v_now)
      FROM unnest(ARRAY[p_from, p_to]) AS p (period) ORDER BY p.period
      ON CONFLICT DO NOTHING;
      SELECT array_agg(c.id) INTO v_counters
      FROM (SELECT id FROM counters WHERE scope_id = p_scope_id ORDER BY id FOR UPDATE) c;
      EXECUTE format(v_rows_of_scope, 'NOWAIT') INTO v_newer
      USING p_scope_id, v_floor, v_start, coalesce(v_rows, '{}'), v_organization;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF v_attempt = 100 THEN
        RAISE;
      END IF;
      PERFORM pg_sleep(0.001 * random() * least(v_attempt, 20));
    END;
  END LOOP;

  SELECT id INTO STRICT v_to FROM counters WHERE scope_id = p_scope_id AND period = p_to AND period_start = v_start;
  IF p_from = p_to THEN
    v_left := (SELECT array_agg(l.id) FROM ledger l
      WHERE l.id = ANY (coalesce(v_rows, '{}') || coalesce(v_newer, '{}'))
        AND l.organization_id IS DISTINCT FROM v_organization AND v_to = ANY (l.counter_ids));
    UPDATE counters c SET held_usd = c.held_usd - s.held, open_holds = c.open_holds - s.holds, spent_usd = c.spent_usd - s.spent
    FROM (
      SELECT coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
        count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
        coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
      FROM ledger l WHERE l.id = ANY (v_left)
    ) s
    WHERE c.id = v_to;
    UPDATE ledger l SET counter_ids = array_remove(l.counter_ids, v_to) WHERE l.id = ANY (v_left);
  END IF;
  v_rows := (SELECT array_agg(l.id) FROM ledger l
    WHERE l.id = ANY (coalesce(v_rows, '{}') || coalesce(v_newer, '{}'))
      AND l.counter_ids && v_counters AND v_to <> ALL (l.counter_ids));

  SELECT coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
    count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
    coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
  INTO v_moved FROM ledger l WHERE l.id = ANY (v_rows);
  UPDATE counters c SET held_usd = c.held_usd - s.held, open_holds = c.open_holds - s.holds, spent_usd = c.spent_usd - s.spent
  FROM (
    SELECT b.id, coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
      count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
      coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
    FROM ledger l, unnest(l.counter_ids) AS b (id)
    WHERE l.id = ANY (v_rows) AND b.id = ANY (v_counters) GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET counter_ids = ARRAY(
    SELECT CASE WHEN b.id = ANY (v_counters) THEN v_to ELSE b.id END
    FROM unnest(l.counter_ids) WITH ORDINALITY AS b (id, ord) ORDER BY b.ord)
  WHERE l.id = ANY (v_rows);

  v_later := tollgate_usage_cost(p_scope_type, p_scope_id, v_organization, v_changing, 'infinity');
  SELECT coalesce(sum(l.cost_usd), 0) INTO v_adjusted FROM ledger l
  WHERE coalesce(l.api_key_id, l.app_id, l.user_id, l.organization_id) = p_scope_id AND l.adjusted_by IS NOT NULL
    AND l.organization_id = v_organization AND l.created_at >= v_start;
  -- The cost of the bucket's own rows is what it had spent beyond its opening balance, plus the swept rows moved here.
  UPDATE counters c SET
    held_usd = c.held_usd + v_moved.held, open_holds = c.open_holds + v_moved.holds,
    spent_usd = v_earlier + v_later + v_adjusted,
    opening_usd = v_earlier + v_later + v_adjusted - (c.spent_usd - c.opening_usd + v_moved.spent)
  WHERE c.id = v_to;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_record_price()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE TRIGGER record_price AFTER INSERT OR UPDATE OF price_version_id ON public.model_targets FOR EACH ROW EXECUTE FUNCTION tollgate_record_price();

CREATE OR REPLACE FUNCTION public.tollgate_reject_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION tollgate_reject_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.price_versions FOR EACH STATEMENT EXECUTE FUNCTION tollgate_reject_change();

CREATE OR REPLACE FUNCTION public.tollgate_replay_v1(p_items jsonb)
 RETURNS json
 LANGUAGE plpgsql
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  -- A gateway's clock may run ahead; no row's time is in the future.
  v_now constant timestamptz := statement_timestamp();
  v_items uuid[];
  v_types scope_type[];
  v_scopes uuid[];
  v_periods period[];
  v_starts timestamptz[];
  v_new uuid[];
  v_found uuid[];
  v_rejected uuid[];
BEGIN
  -- The scopes first, so that no budget changes its period meanwhile: tollgate_rebucket_v1 runs in the transaction
  -- that changes it.
  PERFORM 1 FROM organizations o WHERE o.id IN (SELECT (i ->> 'org')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY o.id FOR SHARE;
  PERFORM 1 FROM users u WHERE u.id IN (SELECT (i ->> 'usr')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY u.id FOR SHARE;
  PERFORM 1 FROM api_keys k WHERE k.id IN (SELECT (i ->> 'key')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY k.id FOR SHARE;
  PERFORM 1 FROM apps a WHERE a.id IN (SELECT (i ->> 'app')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY a.id FOR SHARE;

  SELECT array_agg(l.id) INTO v_found FROM (
    SELECT id FROM ledger WHERE id IN (SELECT (i ->> 'id')::uuid FROM jsonb_array_elements(p_items) AS i)
    ORDER BY id FOR UPDATE
  ) l;
  -- Read after the rows are locked: retention deletes rows and moves kept_from in one commit.
  SELECT array_agg(DISTINCT i.id) INTO v_rejected
  FROM jsonb_to_recordset(p_items) AS i (id uuid, created_at timestamptz), ledger_state t
  WHERE i.id <> ALL (coalesce(v_found, '{}')) AND t.id = 1
    AND i.id < tollgate_id_floor(t.kept_from) AND (i.created_at IS NULL OR i.created_at < t.kept_from);
  IF v_rejected IS NOT NULL THEN
    p_items := (
      SELECT jsonb_agg(i) FROM jsonb_array_elements(p_items) AS i WHERE (i ->> 'id')::uuid <> ALL (v_rejected));
  END IF;
  IF p_items IS NULL THEN
    RETURN array_to_json(v_rejected);
  END IF;

  -- One item a request: a real ending takes precedence over the sweep's estimate.
  p_items := (
    SELECT jsonb_agg(d.i) FROM (
      SELECT DISTINCT ON (i ->> 'id') i FROM jsonb_array_elements(p_items) AS i
      ORDER BY i ->> 'id', i ->> 'status' = 'swept'
    ) d
  );

  -- Every scope of every row to insert, with its bucket.
  SELECT array_agg(i.id), array_agg(s.type), array_agg(s.id), array_agg(s.period),
    array_agg(tollgate_period_start(s.period, least(i.created_at, v_now)))
  INTO v_items, v_types, v_scopes, v_periods, v_starts
  FROM jsonb_to_recordset(p_items) AS i (
    id uuid, fail_open boolean, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid,
    po period, pu period, pk period, pa period
  )
  LEFT JOIN organizations o ON o.id = i.org
  LEFT JOIN users u ON u.id = i.usr
  LEFT JOIN api_keys k ON k.id = i.key
  LEFT JOIN apps a ON a.id = i.app
  CROSS JOIN LATERAL (VALUES
    ('organization'::scope_type, i.org, CASE WHEN o.id IS NULL THEN i.po ELSE coalesce(o.budget_period, 'month') END),
    ('user', i.usr, CASE WHEN u.id IS NULL THEN i.pu ELSE coalesce(u.budget_period, 'month') END),
    ('api_key', i.key, CASE WHEN k.id IS NULL THEN i.pk ELSE coalesce(k.budget_period, 'month') END),
    ('app', i.app, CASE WHEN a.id IS NULL THEN i.pa ELSE coalesce(a.budget_period, 'month') END)
  ) AS s (type, id, period)
  WHERE i.fail_open AND s.id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger l WHERE l.id = i.id);

  INSERT INTO counters (scope_type, scope_id, period, period_start)
  SELECT DISTINCT s.type, s.id, s.period, s.start
  FROM unnest(v_types, v_scopes, v_periods, v_starts) AS s (type, id, period, start)
  ORDER BY s.id, s.period, s.start
  ON CONFLICT DO NOTHING;

  -- Nothing is held, since the request has ended. The hold it was admitted with is written below.
  WITH inserted AS (
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, fail_open, counter_ids
    )
    SELECT i.id, least(i.created_at, v_now), 'held', i.org, i.usr, i.key, i.app, i.endpoint, i.model, i.stream,
      i.tags, i.client_request_id, i.session_id, i.metadata, true, ARRAY(
        SELECT c.id
        FROM unnest(v_items, v_scopes, v_periods, v_starts) AS s (item, id, period, start)
        JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start = s.start
        WHERE s.item = i.id ORDER BY c.id)
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text
    )
    WHERE i.id = ANY (v_items)
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT array_agg(id) INTO v_new FROM inserted;

  PERFORM tollgate_settle_late_v1(p_items);

  UPDATE ledger l SET
    fail_open = true,
    hold_usd = CASE WHEN l.id = ANY (v_new) THEN i.hold ELSE l.hold_usd END,
    overrun_usd = CASE WHEN l.id = ANY (v_new) THEN greatest(l.cost_usd - i.hold, 0) ELSE l.overrun_usd END
  FROM jsonb_to_recordset(p_items) AS i (id uuid, fail_open boolean, hold numeric)
  WHERE l.id = i.id AND i.fail_open AND (NOT l.fail_open OR l.id = ANY (v_new));
  RETURN array_to_json(v_rejected);
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_roll_up_v1(p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_taken usage_pending[];
BEGIN
  IF NOT pg_try_advisory_xact_lock(742117901145) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM usage_pending p WHERE p.ctid = ANY (ARRAY(
      SELECT u.ctid FROM usage_pending u, ledger_state s WHERE u.at >= s.rolled_up_from OR u.at < s.kept_from LIMIT p_limit
    )) RETURNING p
  )
  SELECT array_agg(t.p) INTO v_taken FROM taken t;
  IF v_taken IS NULL THEN
    RETURN 0;
  END IF;

  PERFORM tollgate_add_usage_v1(v_taken);
  RETURN cardinality(v_taken);
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_settle_late_v1(p_items jsonb)
 RETURNS json
 LANGUAGE plpgsql
 SET lock_timeout TO '300ms'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_found uuid[];
  v_counters bigint[];
  v_after_sweep uuid[];
  v_settled json;
BEGIN
  LOOP
    SELECT array_agg(DISTINCT f.id), array_agg(DISTINCT b.id), array_agg(DISTINCT f.id) FILTER (WHERE f.after_sweep)
    INTO v_found, v_counters, v_after_sweep
    FROM (
      SELECT l.id, l.counter_ids, l.status = 'swept' AND i.status <> 'swept' AS after_sweep
      FROM jsonb_to_recordset(p_items) AS i (id uuid, status ledger_status)
      JOIN ledger l ON l.id = i.id
      ORDER BY l.id FOR UPDATE OF l
    ) f LEFT JOIN LATERAL unnest(f.counter_ids) AS b (id) ON true;
    EXIT WHEN cardinality(v_found) = jsonb_array_length(p_items);

    -- The hold never arrived or was lost: insert the row with nothing held.
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, counter_ids
    )
    SELECT i.id, coalesce(i.created_at, statement_timestamp()), 'held', i.org, i.usr, i.key, i.app, i.endpoint,
      i.model, i.stream, i.tags, i.client_request_id, i.session_id, i.metadata, coalesce(i.counter_ids, '{}')
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text, counter_ids bigint[]
    )
    WHERE i.id <> ALL (coalesce(v_found, '{}')) AND i.org IS NOT NULL
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING;
    -- Nothing inserted: the batch contains an id twice, or a swept row has been deleted.
    EXIT WHEN NOT FOUND;
  END LOOP;

  PERFORM 1 FROM counters c WHERE c.id = ANY (v_counters) ORDER BY c.id FOR UPDATE;

  IF v_after_sweep IS NOT NULL THEN
    PERFORM tollgate_unsweep_v1(v_after_sweep);
  END IF;

  v_settled := tollgate_settle_v1(p_items);
  RETURN (
    SELECT json_agg(json_build_array(
      l.id, CASE WHEN v_settled IS NULL OR v_settled::jsonb ? l.id::text THEN l.status::text
        ELSE 'already_' || l.status END))
    FROM ledger l WHERE l.id = ANY (v_found)
  );
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_settle_v1(p_items jsonb)
 RETURNS json
 LANGUAGE plpgsql
 SET lock_timeout TO '300ms'
 SET enable_hashagg TO 'off'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
  v_counted bigint[];
  v_has_missed boolean;
  v_is_due boolean;
  v_is_due_too boolean;
BEGIN
  WITH items AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, meters jsonb, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer,
      dropped text[], provider_cost numeric, dispatched_ms integer, attempts jsonb
    ) ORDER BY id
    -- The limit keeps every item, but makes the planner expect a tenth of them and look each row up by its id.
    LIMIT v_n
  ), closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      meters = coalesce(i.meters, l.meters),
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms,
      dropped = coalesce(i.dropped, l.dropped), provider_cost_usd = i.provider_cost,
      dispatched_ms = i.dispatched_ms, attempts = i.attempts
    FROM items i
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.upstream_model, l.endpoint, l.tags, l.metadata_id, l.http_status,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.latency_ms, l.ttft_ms
  ), counted AS (
    -- The newest version of each counter, found as in the hold. Those that have changed since are updated below.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended, count(*) AS named
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s, LATERAL (
      SELECT n.ctid AS newest FROM counters n WHERE n.id BETWEEN s.id AND s.id ORDER BY n.id DESC LIMIT 1
    ) n
    WHERE c.ctid = n.newest
    RETURNING c.id, s.named, c.spent_usd >= c.alert_usd AS due
  ), pending AS (
    INSERT INTO usage_pending (
      at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms, metadata_id
    )
    SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms, l.metadata_id
    FROM closed l
  )
  SELECT l.ids, c.ids, l.named > coalesce(c.named, 0), c.due INTO v_closed, v_counted, v_has_missed, v_is_due
  FROM (SELECT array_agg(id) AS ids, sum(cardinality(counter_ids)) AS named FROM closed) l,
    (SELECT array_agg(id) AS ids, sum(named) AS named, bool_or(due) AS due FROM counted) c;
  IF v_has_missed THEN
    -- The statement waited for a counter, or for a row that moved meanwhile to a bucket that its snapshot cannot see.
    -- A new statement can.
    WITH counted AS (
      UPDATE counters c SET
        held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
      FROM (
        SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
          count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
        FROM ledger l, unnest(l.counter_ids) AS b (id)
        WHERE l.id = ANY (v_closed) AND b.id <> ALL (coalesce(v_counted, '{}')) GROUP BY b.id
      ) s
      WHERE c.id = s.id
      RETURNING c.spent_usd >= c.alert_usd AS due
    )
    SELECT bool_or(due) INTO v_is_due_too FROM counted;
  END IF;
  IF v_is_due OR v_is_due_too THEN
    PERFORM tollgate_raise_budget_events_v1(
      (SELECT array_agg(DISTINCT b.id) FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (v_closed)));
  END IF;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_spare_v1()
 RETURNS void
 LANGUAGE sql
AS $function$
  WITH spared AS MATERIALIZED (
    SELECT i.id FROM instances i
    WHERE NOT i.is_spared AND i.alive_until < clock_timestamp() + (i.alive_until - i.seen_at) / 4
      AND NOT EXISTS (
        SELECT FROM instances s
        WHERE NOT s.is_spared AND clock_timestamp() < s.seen_at + (s.alive_until - s.seen_at) / 2
      )
    ORDER BY i.id FOR UPDATE SKIP LOCKED
  )
  UPDATE instances i SET alive_until = clock_timestamp() + (i.alive_until - i.seen_at) / 4, is_spared = true
  FROM spared s WHERE s.id = i.id;
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_sweep_v1(p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_dead record;
  v_items jsonb;
  v_swept integer := 0;
BEGIN
  PERFORM tollgate_spare_v1();
  FOR v_dead IN
    SELECT id, oldest_open FROM instances WHERE alive_until < clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED
  LOOP
    SELECT jsonb_agg(jsonb_build_object(
      'id', e.id, 'status', 'swept', 'cost', e.if_swept_usd, 'input_tokens', e.input_tokens,
      'output_tokens', e.if_swept_output_tokens, 'cached_tokens', 0, 'cache_write_tokens', 0, 'reasoning_tokens', 0,
      'usage_source', 'estimated', 'http_status', 500, 'error_code', 'gateway_died'))
    INTO v_items
    FROM (
      SELECT l.* FROM ledger l
      WHERE l.id >= v_dead.oldest_open AND l.status = 'held' AND l.instance_id = v_dead.id
      ORDER BY l.id LIMIT p_limit - v_swept FOR UPDATE
    ) e;
    IF v_items IS NOT NULL THEN
      PERFORM tollgate_settle_v1(v_items);
      v_swept := v_swept + jsonb_array_length(v_items);
    END IF;
    EXIT WHEN v_swept >= p_limit;
    DELETE FROM instances WHERE id = v_dead.id;
  END LOOP;
  RETURN v_swept;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_target_down_v1(p_provider uuid, p_credential text, p_model text, p_reason text)
 RETURNS double precision
 LANGUAGE plpgsql
AS $function$
DECLARE
  v_name text;
  v_before target_states;
  v_trips integer;
  v_wait interval;
BEGIN
  SELECT name INTO v_name FROM providers WHERE id = p_provider FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO target_states (provider_id, credential_id, upstream_model, opened_at, probe_after, trips, reason, closed_at)
  VALUES (p_provider, p_credential, p_model, '-infinity', '-infinity', 0, p_reason, '-infinity')
  ON CONFLICT DO NOTHING;
  SELECT * INTO v_before FROM target_states
  WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model FOR UPDATE;
  -- One that comes and goes is as bad as one that stays away.
  v_trips := CASE
    WHEN v_before.closed_at IS NULL OR v_before.closed_at > clock_timestamp() - interval '1 minute' THEN v_before.trips + 1
    ELSE 1
  END;
  v_wait := least(60, 2 * 2 ^ least(v_trips - 1, 5)) * (0.8 + 0.4 * random()) * interval '1 second';
  UPDATE target_states SET
    opened_at = CASE WHEN closed_at IS NULL THEN opened_at ELSE clock_timestamp() END,
    probe_after = clock_timestamp() + v_wait, trips = v_trips, reason = p_reason, closed_at = NULL
  WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model;
  IF v_before.closed_at IS NOT NULL THEN
    INSERT INTO events (type, data) VALUES ('target.down', jsonb_build_object(
      'provider', v_name, 'provider_id', p_provider, 'credential', nullif(p_credential, ''), 'upstream_model', p_model,
      'reason', p_reason));
  END IF;
  RETURN extract(epoch FROM v_wait) * 1000;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_target_up_v1(p_provider uuid, p_credential text, p_model text)
 RETURNS boolean
 LANGUAGE sql
AS $function$
  WITH up AS (
    UPDATE target_states SET closed_at = clock_timestamp()
    WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model AND closed_at IS NULL
    RETURNING provider_id, opened_at, closed_at
  ), told AS (
    INSERT INTO events (type, data)
    SELECT 'target.up', jsonb_build_object(
      'provider', p.name, 'provider_id', p.id, 'credential', nullif(p_credential, ''), 'upstream_model', p_model,
      'down_seconds', round(extract(epoch FROM up.closed_at - up.opened_at)))
    FROM up JOIN providers p ON p.id = up.provider_id
  )
  SELECT EXISTS (SELECT FROM up);
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_unsweep_v1(p_ids uuid[])
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO usage_pending (
    at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
    input_tokens, output_tokens, cached_tokens, cost_usd, metadata_id
  )
  SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, -1, CASE WHEN l.http_status >= 400 THEN -1 ELSE 0 END,
    -l.input_tokens, -l.output_tokens, -l.cached_tokens, -l.cost_usd, l.metadata_id
  FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept';
  UPDATE counters c SET held_usd = c.held_usd + s.held, spent_usd = c.spent_usd - s.spent,
    open_holds = c.open_holds + s.reopened
  FROM (
    SELECT b.id, sum(l.hold_usd) AS held, sum(l.cost_usd) AS spent,
      count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS reopened
    FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (p_ids) AND l.status = 'swept' GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET status = 'held', cost_usd = 0, error_code = NULL
  WHERE l.id = ANY (p_ids) AND l.status = 'swept';
$function$;

CREATE OR REPLACE FUNCTION public.tollgate_usage_cost(p_scope_type scope_type, p_scope_id uuid, p_organization uuid, p_from timestamp with time zone, p_to timestamp with time zone)
 RETURNS numeric
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE
  v_is_scope constant text := format('%I = $1 AND organization_id = $2', CASE p_scope_type
    WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id' WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END);
  v_first constant timestamptz := date_trunc('day', p_from + interval '1 day' - interval '1 microsecond', 'UTC');
  v_end constant timestamptz := greatest(v_first, date_trunc('day', least(p_to, '9999-01-01'), 'UTC'));
  v_cost numeric;
BEGIN
  EXECUTE format(
    'WITH g AS MATERIALIZED (SELECT id FROM usage_groups WHERE cut = %L %s AND %s)
    SELECT coalesce(sum(u.cost_usd), 0) FROM (
      SELECT d.cost_usd FROM g JOIN usage_days d ON d.group_id = g.id
      WHERE d.day >= ($5 AT TIME ZONE ''UTC'')::date AND d.day < ($6 AT TIME ZONE ''UTC'')::date
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= $3 AND q.at < least($4, $5)
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= greatest($3, $6) AND q.at < $4
      UNION ALL
      SELECT p.cost_usd FROM usage_pending p, ledger_state s
      WHERE %s AND at >= $3 AND at < $4 AND (at >= s.rolled_up_from OR at < s.kept_from)
      UNION ALL
      SELECT l.cost_usd FROM ledger_state s, ledger l
      WHERE s.rolled_up_from > s.kept_from AND %s AND l.status IN (''settled'', ''released'', ''swept'')
        AND l.created_at >= greatest($3, s.kept_from) AND l.created_at < least($4, s.rolled_up_from)
        AND l.id >= tollgate_id_floor(greatest($3 - interval ''1 hour'', s.kept_from - interval ''1 hour'', ''epoch''))
        AND l.id < tollgate_id_floor(least($4, s.rolled_up_from) + interval ''1 hour'')
    ) u',
    CASE p_scope_type WHEN 'organization' THEN 'organization' ELSE 'caller' END,
    CASE p_scope_type WHEN 'organization' THEN 'AND model = ''''' END, v_is_scope, v_is_scope, v_is_scope)
  INTO v_cost USING p_scope_id, p_organization, p_from, p_to, v_first, v_end;
  RETURN v_cost;
END $function$;

CREATE OR REPLACE FUNCTION public.tollgate_usage_hash(cut usage_cut, org uuid, usr uuid, key uuid, app uuid, model text, provider text, upstream_model text, endpoint text, tags text[], metadata uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT md5(ROW(cut, org, usr, key, app, model, provider, upstream_model, endpoint, tags)::text || coalesce(metadata::text, ''))::uuid
$function$;
