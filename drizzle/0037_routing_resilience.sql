CREATE TABLE "target_states" (
	"provider_id" uuid NOT NULL,
	"credential_id" text NOT NULL,
	"upstream_model" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"probe_after" timestamp with time zone NOT NULL,
	"trips" integer NOT NULL,
	"reason" text NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "target_states_provider_id_credential_id_upstream_model_pk" PRIMARY KEY("provider_id","credential_id","upstream_model")
);
--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "dispatched_ms" integer;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "attempts" jsonb;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "connect_timeout_ms" integer;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "timeout_ms" integer;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "idle_timeout_ms" integer;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "max_concurrent" integer;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "model_targets" ADD COLUMN "tokens_per_minute" integer;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "retries" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "target_states" ADD CONSTRAINT "target_states_provider_id_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."providers"("id") ON DELETE cascade ON UPDATE no action;