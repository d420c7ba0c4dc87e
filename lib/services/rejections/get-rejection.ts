import { and, sql } from "drizzle-orm";
import { z } from "zod";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { verb } from "#lib/services/verb";
import { RejectedRequest, selectRejections, toRejectedRequest } from "./rejection";

/**
 * Returns one rejected request, by the id that its answer had. Only the last few of each kind and hour are kept.
 * @throws ServiceError "not_found" if the actor may see no such request, or it is not kept
 */
export const getRejection = verb({
  role: "viewer",
  input: z.strictObject({ request_id: idField("rejected request") }),
  output: RejectedRequest,
  run: async (ctx, { request_id }) => {
    const id = request_id.toLowerCase();
    const { hour, lastRequests } = rejectionsHourly;
    // The id has the time of the request's arrival, so that one hour's rows are read; the next hour's, too, in case it
    // was rejected then.
    const arrived = sql`date_trunc('hour', tollgate_id_time(${id}::uuid), 'UTC')`;
    const [row] = await selectRejections(ctx.db)
      .where(
        and(
          sql`${hour} between ${arrived} and ${arrived} + interval '1 hour'`,
          sql`${lastRequests} @> ${JSON.stringify([{ id }])}::jsonb`,
          visibleTo(ctx.actor, rejectionsHourly),
        ),
      )
      .limit(1);
    const request = row?.lastRequests.find((each) => each.id === id);
    if (row === undefined || request === undefined) throw notFound("rejected request");
    return toRejectedRequest(row, request);
  },
});
