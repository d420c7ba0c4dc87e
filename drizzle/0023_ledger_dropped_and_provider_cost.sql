ALTER TABLE "ledger" ADD COLUMN "provider_cost_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "dropped" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "ledger_session" ON "ledger" USING btree ("session_id","id") WHERE "ledger"."session_id" is not null;--> statement-breakpoint
CREATE INDEX "ledger_client_request" ON "ledger" USING btree ("client_request_id","id") WHERE "ledger"."client_request_id" is not null;