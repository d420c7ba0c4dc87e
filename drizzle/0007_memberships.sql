-- Each user who can sign in gets an account with the same id. A linked e-mail address was verified by the issuer.
INSERT INTO "accounts" ("id", "email", "email_confirmed_at", "password_hash", "oidc_issuer", "oidc_subject", "home_organization_id", "last_user_id", "created_at")
SELECT "id", "email", CASE WHEN "oidc_subject" IS NOT NULL THEN now() END, "password_hash",
  split_part("oidc_subject", ' ', 1), substr("oidc_subject", strpos("oidc_subject", ' ') + 1),
  CASE WHEN "oidc_subject" IS NULL THEN "organization_id" END, "id", "created_at"
FROM "users" WHERE "password_hash" IS NOT NULL OR "oidc_subject" IS NOT NULL;--> statement-breakpoint
UPDATE "users" SET "account_id" = "id" WHERE "password_hash" IS NOT NULL OR "oidc_subject" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" DROP CONSTRAINT "apps_externalId_unique";--> statement-breakpoint
ALTER TABLE "organizations" DROP CONSTRAINT "organizations_name_unique";--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users_oidcSubject_unique";--> statement-breakpoint
ALTER TABLE "accounts" DROP CONSTRAINT "accounts_home_organization_id_organizations_id_fk";
--> statement-breakpoint
DROP INDEX "users_email_key";--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "last_sign_in_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_home_organization_id_organizations_id_fk" FOREIGN KEY ("home_organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "apps_external_id_key" ON "apps" USING btree ("organization_id","external_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"),coalesce("organization_id", '00000000-0000-0000-0000-000000000000'::uuid));--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "password_hash";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "oidc_subject";--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_secretHash_unique" UNIQUE("secret_hash");--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_previousSecretHash_unique" UNIQUE("previous_secret_hash");