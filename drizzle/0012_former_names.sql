CREATE TABLE "former_names" (
	"organization_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"key_prefix" text,
	CONSTRAINT "former_names_organization_id_subject_id_pk" PRIMARY KEY("organization_id","subject_id")
);
--> statement-breakpoint
ALTER TABLE "former_names" ADD CONSTRAINT "former_names_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;