ALTER TYPE "public"."price_source" ADD VALUE 'imported';--> statement-breakpoint
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
CREATE TABLE "sign_in_failures" (
	"subject" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"window_started_at" timestamp with time zone NOT NULL
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
ALTER TABLE "ledger" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "adjusted_by" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "previous_key_hash" "bytea";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "previous_key_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "allowed_ips" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "provider_id" uuid;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "budget_limit_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "budget_period" "period";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "budget_soft_percent" smallint;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "max_concurrent" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "rate_limits" jsonb;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "previous_secret_hash" "bytea";--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "previous_secret_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "budget_limit_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "budget_period" "period";--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "budget_soft_percent" smallint;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "max_concurrent" integer;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "rate_limits" jsonb;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "fail_open_allowance_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "budget_limit_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "budget_period" "period";--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "budget_soft_percent" smallint;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "max_concurrent" integer;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "rate_limits" jsonb;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "oidc_subject" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "budget_limit_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "budget_period" "period";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "budget_soft_percent" smallint;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "max_concurrent" integer;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "rate_limits" jsonb;--> statement-breakpoint
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imported_prices" ADD CONSTRAINT "imported_prices_price_version_id_price_versions_id_fk" FOREIGN KEY ("price_version_id") REFERENCES "public"."price_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "idempotency_keys_key" ON "idempotency_keys" USING btree ("actor_id","key");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_provider_id_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."providers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_tags" ON "api_keys" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "users_payment_due" ON "users" USING btree ("payment_valid_until") WHERE payment_status <> 'expired';--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_previousKeyHash_unique" UNIQUE("previous_key_hash");--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_oidcSubject_unique" UNIQUE("oidc_subject");