CREATE TYPE "public"."period" AS ENUM('day', 'week', 'month', 'total');--> statement-breakpoint
CREATE TYPE "public"."budget_event_kind" AS ENUM('soft_limit_reached', 'limit_reached');--> statement-breakpoint
CREATE TYPE "public"."ledger_status" AS ENUM('held', 'settled', 'released', 'swept', 'adjustment');--> statement-breakpoint
CREATE TYPE "public"."scope_type" AS ENUM('organization', 'user', 'api_key', 'app');--> statement-breakpoint
CREATE TYPE "public"."usage_source" AS ENUM('provider', 'estimated');--> statement-breakpoint
CREATE TYPE "public"."failure_mode" AS ENUM('fail_closed', 'fail_open');--> statement-breakpoint
CREATE TYPE "public"."hang_up" AS ENUM('abort', 'drain');--> statement-breakpoint
CREATE TYPE "public"."payment_status" AS ENUM('active', 'expired', 'none');--> statement-breakpoint
CREATE TYPE "public"."role" AS ENUM('admin', 'org_admin', 'member', 'viewer');--> statement-breakpoint
CREATE TYPE "public"."price_source" AS ENUM('catalogue', 'manual', 'imported');--> statement-breakpoint
CREATE TABLE "budget_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "budget_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" "budget_event_kind" NOT NULL,
	"scope_type" "scope_type" NOT NULL,
	"scope_id" uuid NOT NULL,
	"organization_id" uuid,
	"period" "period" NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"limit_usd" numeric(38, 12) NOT NULL,
	"percent" smallint NOT NULL,
	"spent_usd" numeric(38, 12) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "counters" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "counters_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"scope_type" "scope_type" NOT NULL,
	"scope_id" uuid NOT NULL,
	"period" "period" NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"spent_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"held_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"open_holds" integer DEFAULT 0 NOT NULL,
	"opening_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	CONSTRAINT "counters_bucket" UNIQUE("scope_id","period","period_start")
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"alive_until" timestamp with time zone NOT NULL,
	"oldest_open" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	"status" "ledger_status" NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"endpoint" text NOT NULL,
	"model" text NOT NULL,
	"provider" text,
	"upstream_model" text,
	"price_version_id" uuid,
	"stream" boolean DEFAULT false NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"client_request_id" text,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"cached_tokens" bigint DEFAULT 0 NOT NULL,
	"cache_write_tokens" bigint DEFAULT 0 NOT NULL,
	"reasoning_tokens" bigint DEFAULT 0 NOT NULL,
	"hold_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"cost_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"overrun_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"usage_source" "usage_source",
	"http_status" integer,
	"error_code" text,
	"latency_ms" integer,
	"ttft_ms" integer,
	"reason" text,
	"adjusted_by" text,
	"counter_ids" bigint[] NOT NULL,
	"instance_id" uuid,
	"if_swept_usd" numeric(38, 12) DEFAULT 0 NOT NULL,
	"if_swept_output_tokens" bigint DEFAULT 0 NOT NULL,
	"fail_open" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger_state" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"kept_from" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_hourly" (
	"hour" timestamp with time zone NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"model" text NOT NULL,
	"provider" text,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	CONSTRAINT "usage_hourly_group" UNIQUE NULLS NOT DISTINCT("hour","organization_id","user_id","api_key_id","app_id","model","provider")
);
--> statement-breakpoint
CREATE TABLE "admin_tokens" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"role" "role" NOT NULL,
	"organization_id" uuid,
	"token_hash" "bytea" NOT NULL,
	"token_prefix" text NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "admin_tokens_tokenHash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid,
	"key_hash" "bytea" NOT NULL,
	"key_prefix" text NOT NULL,
	"previous_key_hash" "bytea",
	"previous_key_expires_at" timestamp with time zone,
	"allowed_models" text[],
	"allowed_ips" text[],
	"provider_id" uuid,
	"budget_limit_usd" numeric(38, 12),
	"budget_period" "period",
	"budget_soft_percent" smallint,
	"max_concurrent" integer,
	"rate_limits" jsonb,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid,
	CONSTRAINT "api_keys_keyHash_unique" UNIQUE("key_hash"),
	CONSTRAINT "api_keys_previousKeyHash_unique" UNIQUE("previous_key_hash")
);
--> statement-breakpoint
CREATE TABLE "apps" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"organization_id" uuid NOT NULL,
	"external_id" text,
	"secret_hash" "bytea" NOT NULL,
	"previous_secret_hash" "bytea",
	"previous_secret_expires_at" timestamp with time zone,
	"allowed_models" text[],
	"budget_limit_usd" numeric(38, 12),
	"budget_period" "period",
	"budget_soft_percent" smallint,
	"max_concurrent" integer,
	"rate_limits" jsonb,
	"disabled" boolean DEFAULT false NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "apps_externalId_unique" UNIQUE("external_id")
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"organization_id" uuid,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"ip" text
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "idempotency_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"actor_id" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"status" integer,
	"answer" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "job_runs" (
	"name" text PRIMARY KEY NOT NULL,
	"ended_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"suspended_at" timestamp with time zone,
	"failure_mode" "failure_mode" DEFAULT 'fail_closed' NOT NULL,
	"fail_open_allowance_usd" numeric(38, 12),
	"on_hang_up" "hang_up" DEFAULT 'abort' NOT NULL,
	"budget_limit_usd" numeric(38, 12),
	"budget_period" "period",
	"budget_soft_percent" smallint,
	"max_concurrent" integer,
	"rate_limits" jsonb,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizations_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "sign_in_failures" (
	"subject" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"window_started_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"organization_id" uuid,
	"email" text NOT NULL,
	"name" text,
	"external_id" text,
	"role" "role" DEFAULT 'member' NOT NULL,
	"password_hash" text,
	"oidc_subject" text,
	"payment_valid_until" date,
	"payment_status" "payment_status" DEFAULT 'none' NOT NULL,
	"budget_limit_usd" numeric(38, 12),
	"budget_period" "period",
	"budget_soft_percent" smallint,
	"max_concurrent" integer,
	"rate_limits" jsonb,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_oidcSubject_unique" UNIQUE("oidc_subject")
);
--> statement-breakpoint
CREATE TABLE "rejections_hourly" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rejections_hourly_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"hour" timestamp with time zone NOT NULL,
	"code" text NOT NULL,
	"organization_id" uuid,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"key_prefix" text,
	"model" text,
	"rejections" bigint NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"last_message" text NOT NULL,
	CONSTRAINT "rejections_hourly_group" UNIQUE NULLS NOT DISTINCT("hour","code","organization_id","user_id","api_key_id","app_id","key_prefix","model")
);
--> statement-breakpoint
CREATE TABLE "imported_prices" (
	"model" text PRIMARY KEY NOT NULL,
	"price_version_id" uuid NOT NULL,
	"context_window" integer,
	"max_output_tokens" integer,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_targets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"model_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"upstream_model" text NOT NULL,
	"price_version_id" uuid NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	CONSTRAINT "model_targets_modelId_providerId_upstreamModel_unique" UNIQUE("model_id","provider_id","upstream_model")
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"aliases" text[] DEFAULT '{}' NOT NULL,
	"strategy" text DEFAULT 'priority' NOT NULL,
	"context_window" integer,
	"max_output_tokens" integer,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "models_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "price_versions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" "price_source" NOT NULL,
	"origin" text NOT NULL,
	"rates" jsonb NOT NULL,
	"digest" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "price_versions_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "providers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"base_url" text,
	"credentials" "bytea",
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "providers_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "routing_state" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_provider_id_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."providers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_prices" ADD CONSTRAINT "imported_prices_price_version_id_price_versions_id_fk" FOREIGN KEY ("price_version_id") REFERENCES "public"."price_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_targets" ADD CONSTRAINT "model_targets_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_targets" ADD CONSTRAINT "model_targets_provider_id_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."providers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_targets" ADD CONSTRAINT "model_targets_price_version_id_price_versions_id_fk" FOREIGN KEY ("price_version_id") REFERENCES "public"."price_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "budget_events_once" ON "budget_events" USING btree ("scope_id","period","period_start","kind","percent",(case when "period" = 'total' then "limit_usd" else 0 end));--> statement-breakpoint
CREATE INDEX "budget_events_organization" ON "budget_events" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "ledger_organization" ON "ledger" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "ledger_user" ON "ledger" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "ledger_api_key" ON "ledger" USING btree ("api_key_id","id");--> statement-breakpoint
CREATE INDEX "ledger_adjustments" ON "ledger" USING btree (coalesce("api_key_id", "app_id", "user_id", "organization_id")) WHERE "ledger"."adjusted_by" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_organization" ON "usage_hourly" USING btree ("organization_id","hour");--> statement-breakpoint
CREATE INDEX "usage_hourly_user" ON "usage_hourly" USING btree ("user_id","hour") WHERE "usage_hourly"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_api_key" ON "usage_hourly" USING btree ("api_key_id","hour") WHERE "usage_hourly"."api_key_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_app" ON "usage_hourly" USING btree ("app_id","hour") WHERE "usage_hourly"."app_id" is not null;--> statement-breakpoint
CREATE INDEX "api_keys_organization" ON "api_keys" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "api_keys_user" ON "api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "api_keys_tags" ON "api_keys" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "audit_log_organization" ON "audit_log" USING btree ("organization_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "idempotency_keys_key" ON "idempotency_keys" USING btree ("actor_id","key");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_external_id_key" ON "users" USING btree ("organization_id","external_id");--> statement-breakpoint
CREATE INDEX "rejections_hourly_organization" ON "rejections_hourly" USING btree ("organization_id","hour") WHERE "rejections_hourly"."organization_id" is not null;--> statement-breakpoint
CREATE INDEX "model_targets_provider" ON "model_targets" USING btree ("provider_id");--> statement-breakpoint
-- What drizzle-kit cannot express. Rows that are updated all day need room on their page, so that PostgreSQL updates
-- them in place. A ledger row is written once and updated once; payment statuses change for many users at midnight.
ALTER TABLE counters SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
--> statement-breakpoint
ALTER TABLE ledger SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE usage_hourly SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE users SET (fillfactor = 50);
--> statement-breakpoint
INSERT INTO routing_state (id, version) VALUES (1, 1);
--> statement-breakpoint
INSERT INTO ledger_state (id, kept_from) VALUES (1, 'epoch');
