ALTER TABLE "admin_tokens" ADD COLUMN "maker_id" uuid;--> statement-breakpoint
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_maker_id_users_id_fk" FOREIGN KEY ("maker_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "admin_tokens_maker" ON "admin_tokens" USING btree ("maker_id");--> statement-breakpoint
-- Tokens of users from before: all but those that an administrator created for an organization.
UPDATE "admin_tokens" t SET "maker_id" = u."id" FROM "users" u
WHERE u."id"::text = t."created_by" AND (t."role" = 'admin' OR u."role" <> 'admin');
