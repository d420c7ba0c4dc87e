CREATE TABLE "metadata_sets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"pairs" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "metadata_id" uuid;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_groups" ADD COLUMN "metadata_id" uuid;--> statement-breakpoint
ALTER TABLE "usage_pending" ADD COLUMN "metadata_id" uuid;--> statement-breakpoint
CREATE INDEX "api_keys_metadata" ON "api_keys" USING gin ("metadata" jsonb_path_ops) WHERE "api_keys"."metadata" <> '{}';--> statement-breakpoint
CREATE INDEX "apps_metadata" ON "apps" USING gin ("metadata" jsonb_path_ops) WHERE "apps"."metadata" <> '{}';--> statement-breakpoint
CREATE INDEX "organizations_metadata" ON "organizations" USING gin ("metadata" jsonb_path_ops) WHERE "organizations"."metadata" <> '{}';--> statement-breakpoint
CREATE INDEX "users_metadata" ON "users" USING gin ("metadata" jsonb_path_ops) WHERE "users"."metadata" <> '{}';