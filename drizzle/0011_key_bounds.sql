ALTER TABLE "organizations" ADD COLUMN "allowed_models" text[];--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "member_keys" jsonb;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "allowed_models" text[];