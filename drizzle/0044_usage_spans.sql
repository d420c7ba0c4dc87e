-- Roll-ups of replicas that run meanwhile wait, settlements do not.
SELECT pg_advisory_xact_lock(742117901145);--> statement-breakpoint
CREATE TABLE "usage_spans" (
	"group_id" bigint NOT NULL,
	"hours" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"cut" "usage_cut" NOT NULL,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"cost_usd" numeric(38, 12) NOT NULL,
	"latency" numeric DEFAULT '0' NOT NULL,
	"ttft" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "usage_spans_group_id_hours_at_pk" PRIMARY KEY("group_id","hours","at")
);
--> statement-breakpoint
ALTER TABLE "ledger_state" ADD COLUMN "rolled_up_from" timestamp with time zone DEFAULT '1970-01-01 00:00:00+00' NOT NULL;--> statement-breakpoint
CREATE INDEX "usage_spans_at" ON "usage_spans" USING btree ("cut","hours","at");--> statement-breakpoint
ALTER TABLE "usage_spans" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);--> statement-breakpoint
INSERT INTO "usage_spans" (
  group_id, hours, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
)
SELECT d.group_id, s.hours, date_bin(s.hours * interval '1 hour', d.day::timestamp AT TIME ZONE 'UTC', 'epoch'), d.cut,
  sum(d.requests), sum(d.errors), sum(d.input_tokens), sum(d.output_tokens), sum(d.cached_tokens), sum(d.cost_usd),
  sum(d.latency), sum(d.ttft)
FROM "usage_days" d CROSS JOIN (VALUES (192), (768)) AS s (hours)
WHERE d.cut IN ('owner', 'caller') GROUP BY 1, 2, 3, 4;--> statement-breakpoint
INSERT INTO "usage_spans" (
  group_id, hours, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
)
SELECT o.id, 6, date_bin('6 hours', q.at, 'epoch'), o.cut, sum(q.requests), sum(q.errors), sum(q.input_tokens),
  sum(q.output_tokens), sum(q.cached_tokens), sum(q.cost_usd), sum(q.latency), sum(q.ttft)
FROM "usage_groups" g
JOIN "usage_groups" o ON o.hash = tollgate_usage_hash(
  'owner', g.organization_id, g.user_id, g.api_key_id, g.app_id, '', NULL, NULL, NULL, g.tags)
JOIN "usage_quarters" q ON q.group_id = g.id
WHERE g.cut = 'caller' GROUP BY 1, 3, 4;--> statement-breakpoint
-- What 0043 left to tollgate_backfill_usage_v1: all that the ledger has, if it has any and the rollups have nothing of it.
UPDATE "ledger_state" s SET "rolled_up_from" = date_bin('15 minutes', now() + interval '15 minutes', 'epoch')
WHERE NOT EXISTS (SELECT FROM "usage_quarters" q WHERE q.at >= s.kept_from)
  AND EXISTS (SELECT FROM "ledger" l WHERE l.created_at >= s.kept_from AND l.status IN ('settled', 'released', 'swept'));
