import type { HotDatabase } from "#lib/db/client";
import type { LastRejection } from "#lib/db/schema/rejections";
import {
  LAST_REQUESTS,
  type RejectedRequest,
  type RejectionGroup,
  type WriteRejections,
} from "./rejection-notes";

const DEADLINE_MS = 5_000;
const ROWS_PER_CALL = 1_000;

/** Creates the function that adds counted rejections to the hourly table (lib/db/schema/rejections.ts). */
export function rejectionWriter({ sql, watch }: Pick<HotDatabase, "sql" | "watch">): WriteRejections {
  return async (groups) => {
    const rows = groups.map(toRow);
    await watch.within(
      () =>
        sql.begin(async (tx) => {
          for (let from = 0; from < rows.length; from += ROWS_PER_CALL) {
            const items = JSON.stringify(rows.slice(from, from + ROWS_PER_CALL));
            // Sorted, so that replicas that write at the same time wait for each other and do not deadlock.
            await tx`
              INSERT INTO rejections_hourly AS r
                (hour, code, organization_id, user_id, api_key_id, app_id, key_prefix, model, rejections, last_at,
                  last_message, last_requests)
              SELECT i.* FROM jsonb_to_recordset(${items}::text::jsonb) AS i (
                hour timestamptz, code text, organization_id uuid, user_id uuid, api_key_id uuid, app_id uuid,
                key_prefix text, model text, rejections bigint, last_at timestamptz, last_message text,
                last_requests jsonb
              )
              ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
              ON CONFLICT ON CONSTRAINT rejections_hourly_group DO UPDATE SET
                rejections = r.rejections + excluded.rejections,
                last_at = greatest(r.last_at, excluded.last_at),
                last_message = CASE WHEN excluded.last_at >= r.last_at THEN excluded.last_message ELSE r.last_message END,
                last_requests = (
                  SELECT coalesce(jsonb_agg(l.request ORDER BY l.id DESC), '[]')
                  FROM (
                    SELECT DISTINCT ON (a.request ->> 'id') a.request ->> 'id' AS id, a.request
                    FROM jsonb_array_elements(excluded.last_requests || r.last_requests) AS a (request)
                    ORDER BY a.request ->> 'id' DESC LIMIT ${LAST_REQUESTS}
                  ) l
                )`;
          }
        }),
      DEADLINE_MS,
    );
  };
}

const toRow = (group: RejectionGroup) => ({
  hour: new Date(group.hourMs).toISOString(),
  code: group.code,
  organization_id: group.organizationId,
  user_id: group.userId,
  api_key_id: group.apiKeyId,
  app_id: group.appId,
  key_prefix: group.keyPrefix,
  model: group.model,
  rejections: group.rejections,
  last_at: new Date(group.lastAtMs).toISOString(),
  last_message: group.lastMessage,
  last_requests: group.lastRequests.map(toLastRequest).toReversed(),
});

const toLastRequest = ({ id, message, budget }: RejectedRequest): LastRejection => ({
  id,
  message,
  budget: budget && {
    scope: budget.scope,
    period: budget.period,
    remaining_usd: budget.remainingUsd,
    held_usd: budget.heldUsd,
    needed_usd: budget.neededUsd,
  },
});
