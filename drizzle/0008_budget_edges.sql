CREATE TYPE "public"."budget_event_kind" AS ENUM('soft_limit_reached', 'limit_reached');--> statement-breakpoint
CREATE TYPE "public"."hang_up" AS ENUM('abort', 'drain');--> statement-breakpoint
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
ALTER TABLE "counters" ADD COLUMN "opening_usd" numeric(38, 12) DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "on_hang_up" "hang_up" DEFAULT 'abort' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "budget_events_once" ON "budget_events" USING btree ("scope_id","period","period_start","kind","percent",(case when "period" = 'total' then "limit_usd" else 0 end));--> statement-breakpoint
CREATE INDEX "budget_events_organization" ON "budget_events" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "ledger_adjustments" ON "ledger" USING btree (coalesce("api_key_id", "app_id", "user_id", "organization_id")) WHERE "ledger"."adjusted_by" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_user" ON "usage_hourly" USING btree ("user_id","hour") WHERE "usage_hourly"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_api_key" ON "usage_hourly" USING btree ("api_key_id","hour") WHERE "usage_hourly"."api_key_id" is not null;--> statement-breakpoint
CREATE INDEX "usage_hourly_app" ON "usage_hourly" USING btree ("app_id","hour") WHERE "usage_hourly"."app_id" is not null;