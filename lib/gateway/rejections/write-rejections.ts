import type { HotDatabase } from "#lib/db/client";
import type { RejectionGroup, WriteRejections } from "./rejection-notes";

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
                (hour, code, organization_id, user_id, api_key_id, app_id, key_prefix, model, rejections, last_at, last_message)
              SELECT i.* FROM jsonb_to_recordset(${items}::text::jsonb) AS i (
                hour timestamptz, code text, organization_id uuid, user_id uuid, api_key_id uuid, app_id uuid,
                key_prefix text, model text, rejections bigint, last_at timestamptz, last_message text
              )
              ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
              ON CONFLICT ON CONSTRAINT rejections_hourly_group DO UPDATE SET
                rejections = r.rejections + excluded.rejections,
                last_at = greatest(r.last_at, excluded.last_at),
                last_message = CASE WHEN excluded.last_at >= r.last_at THEN excluded.last_message ELSE r.last_message END`;
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
});
