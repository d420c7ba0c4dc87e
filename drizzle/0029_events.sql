CREATE TABLE "events" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"type" text NOT NULL,
	"organization_id" uuid,
	"user_id" uuid,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notice_reads" (
	"event_id" uuid NOT NULL,
	"reader_id" text NOT NULL,
	"read_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notice_reads_event_id_reader_id_pk" PRIMARY KEY("event_id","reader_id")
);
--> statement-breakpoint
ALTER TABLE "counters" ADD COLUMN "alert_usd" numeric(38, 12);--> statement-breakpoint
ALTER TABLE "notice_reads" ADD CONSTRAINT "notice_reads_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_created" ON "events" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "events_organization" ON "events" USING btree ("organization_id","created_at","id");