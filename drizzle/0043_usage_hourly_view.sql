-- What the ledger no longer has is taken over by the hour, without what was not counted; everything since from the ledger.
UPDATE "ledger_state" SET "detailed_from" = "kept_from";--> statement-breakpoint
DO $$
DECLARE
  v_day record;
BEGIN
  FOR v_day IN
    SELECT array_agg(ROW(
      h.hour, h.organization_id, h.user_id, h.api_key_id, h.app_id, h.model, h.provider, NULL, NULL, '{}', h.requests, h.errors,
      h.input_tokens, h.output_tokens, h.cached_tokens, h.cost_usd, NULL, NULL)::usage_pending) AS usage
    FROM usage_hourly h, ledger_state s WHERE h.hour < s.kept_from AND h.requests <> 0
    GROUP BY date_trunc('day', h.hour, 'UTC') ORDER BY date_trunc('day', h.hour, 'UTC')
  LOOP
    PERFORM tollgate_add_usage_v1(v_day.usage);
  END LOOP;
END $$;--> statement-breakpoint
SELECT tollgate_rebuild_usage_v1(kept_from) FROM ledger_state;--> statement-breakpoint
DROP TABLE "usage_hourly" CASCADE;--> statement-breakpoint
CREATE VIEW "public"."usage_hourly" AS (
  select date_trunc('hour', at, 'UTC') as hour, organization_id, user_id, api_key_id, app_id, model, provider,
    sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(cached_tokens)::bigint as cached_tokens,
    sum(cost_usd)::numeric(38, 12) as cost_usd
  from (
    select q.at, g.organization_id, g.user_id, g.api_key_id, g.app_id, g.model, g.provider, q.requests, q.errors,
      q.input_tokens, q.output_tokens, q.cached_tokens, q.cost_usd
    from usage_groups g join usage_quarters q on q.group_id = g.id where g.cut = 'caller'
    union all
    select at, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd
    from usage_pending
  ) used
  group by 1, 2, 3, 4, 5, 6, 7);