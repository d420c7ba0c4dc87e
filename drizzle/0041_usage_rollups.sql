-- Settlements of replicas that run meanwhile wait until these three migrations are committed, and use the new functions then.
LOCK TABLE "usage_hourly" IN SHARE ROW EXCLUSIVE MODE;--> statement-breakpoint
CREATE TYPE "public"."usage_cut" AS ENUM('caller', 'owner', 'organization', 'installation');--> statement-breakpoint
CREATE TABLE "usage_days" (
	"group_id" bigint NOT NULL,
	"day" date NOT NULL,
	"cut" "usage_cut" NOT NULL,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	"latency" numeric DEFAULT '0' NOT NULL,
	"ttft" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "usage_days_group_id_day_pk" PRIMARY KEY("group_id","day")
);
--> statement-breakpoint
CREATE TABLE "usage_groups" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "usage_groups_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"hash" uuid NOT NULL,
	"cut" "usage_cut" NOT NULL,
	"organization_id" uuid,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"model" text NOT NULL,
	"provider" text,
	"upstream_model" text,
	"endpoint" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "usage_groups_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "usage_pending" (
	"at" timestamp with time zone NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"model" text NOT NULL,
	"provider" text,
	"upstream_model" text,
	"endpoint" text,
	"tags" text[] NOT NULL,
	"requests" integer NOT NULL,
	"errors" integer NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	"latency_ms" integer,
	"ttft_ms" integer
);
--> statement-breakpoint
CREATE TABLE "usage_quarters" (
	"group_id" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"cut" "usage_cut" NOT NULL,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	"latency" numeric DEFAULT '0' NOT NULL,
	"ttft" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "usage_quarters_group_id_at_pk" PRIMARY KEY("group_id","at")
);
--> statement-breakpoint
CREATE TABLE "usage_totals" (
	"organization_id" uuid NOT NULL,
	"user_id" uuid,
	"provider" text,
	"requests" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	CONSTRAINT "usage_totals_group" UNIQUE NULLS NOT DISTINCT("organization_id","user_id","provider")
);
--> statement-breakpoint
ALTER TABLE "ledger_state" ADD COLUMN "detailed_from" timestamp with time zone DEFAULT '1970-01-01 00:00:00+00' NOT NULL;--> statement-breakpoint
CREATE INDEX "usage_days_day" ON "usage_days" USING btree ("cut","day");--> statement-breakpoint
CREATE INDEX "usage_groups_organization" ON "usage_groups" USING btree ("organization_id","cut");--> statement-breakpoint
CREATE INDEX "usage_groups_user" ON "usage_groups" USING btree ("user_id") WHERE "usage_groups"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_groups_api_key" ON "usage_groups" USING btree ("api_key_id") WHERE "usage_groups"."api_key_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_groups_app" ON "usage_groups" USING btree ("app_id") WHERE "usage_groups"."app_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_quarters_at" ON "usage_quarters" USING btree ("cut","at");--> statement-breakpoint
-- Rows of the running quarter hour and day are updated in place.
ALTER TABLE "usage_quarters" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_days" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);--> statement-breakpoint
ALTER TABLE "usage_totals" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);--> statement-breakpoint
-- Its rows live for seconds.
ALTER TABLE "usage_pending" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);
