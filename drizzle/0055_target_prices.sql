CREATE TABLE "target_prices" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "target_prices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"model_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"upstream_model" text NOT NULL,
	"price_version_id" uuid NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "target_prices" ADD CONSTRAINT "target_prices_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_prices" ADD CONSTRAINT "target_prices_price_version_id_price_versions_id_fk" FOREIGN KEY ("price_version_id") REFERENCES "public"."price_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "target_prices_model" ON "target_prices" USING btree ("model_id","id");--> statement-breakpoint
-- A target has had its price at most since both are there; what it had before is not known.
INSERT INTO target_prices (model_id, provider_id, upstream_model, price_version_id, since)
SELECT t.model_id, t.provider_id, t.upstream_model, t.price_version_id, greatest(m.created_at, v.created_at)
FROM model_targets t JOIN models m ON m.id = t.model_id JOIN price_versions v ON v.id = t.price_version_id
ORDER BY t.id;
