CREATE TABLE "instances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"alive_until" timestamp with time zone NOT NULL,
	"oldest_open" uuid NOT NULL
);
--> statement-breakpoint
DROP INDEX "ledger_open_leases";--> statement-breakpoint
ALTER TABLE "counters" ADD COLUMN "open_holds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" DROP COLUMN "lease_expires_at";