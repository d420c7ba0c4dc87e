CREATE TABLE "refusals_hourly" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "refusals_hourly_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"hour" timestamp with time zone NOT NULL,
	"code" text NOT NULL,
	"organization_id" uuid,
	"user_id" uuid,
	"api_key_id" uuid,
	"app_id" uuid,
	"key_prefix" text,
	"model" text,
	"refusals" bigint NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"last_message" text NOT NULL,
	CONSTRAINT "refusals_hourly_group" UNIQUE NULLS NOT DISTINCT("hour","code","organization_id","user_id","api_key_id","app_id","key_prefix","model")
);
--> statement-breakpoint
CREATE INDEX "refusals_hourly_organization" ON "refusals_hourly" USING btree ("organization_id","hour") WHERE "refusals_hourly"."organization_id" is not null;