CREATE TABLE "oidc_organization" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"setting" text NOT NULL,
	"organization_id" uuid NOT NULL,
	"resolved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "oidc_organization_one_row" CHECK ("oidc_organization"."id" = 1)
);
