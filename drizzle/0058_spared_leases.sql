ALTER TABLE "instances" ADD COLUMN "seen_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "is_spared" boolean DEFAULT false NOT NULL;