ALTER TABLE "users" ALTER COLUMN "email" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "create_users" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "max_created_users" integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "created_by_app" uuid;--> statement-breakpoint
CREATE INDEX "users_external_id" ON "users" USING btree ("external_id") WHERE "users"."external_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_created_by_app" ON "users" USING btree ("created_by_app") WHERE "users"."created_by_app" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_named" CHECK ("users"."email" IS NOT NULL OR "users"."external_id" IS NOT NULL);--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_account_email" CHECK ("users"."account_id" IS NULL OR "users"."email" IS NOT NULL);