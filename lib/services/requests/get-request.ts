import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { ledger } from "#lib/db/schema/credit";
import { notFound } from "#lib/http/errors";
import { pathNameField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { verb } from "#lib/services/verb";
import { LedgerRequest, selectRequests, toLedgerRequests } from "./ledger-request";
import { readRequests } from "./list-requests";

/**
 * Returns one row of the ledger: by its id, or else the newest with that id of the client's.
 * @throws ServiceError "not_found" if the actor may see no such request
 */
export const getRequest = verb({
  role: "viewer",
  input: z.strictObject({ id: pathNameField("request", 200) }),
  output: LedgerRequest,
  run: async (ctx, { id }) => {
    const rows = z.uuid().safeParse(id).success
      ? await selectRequests(ctx.db).where(and(eq(ledger.id, id), visibleTo(ctx.actor, ledger)))
      : [];
    const [found] = await toLedgerRequests(ctx.db, rows);
    if (found !== undefined) return found;
    const [newest] = (await readRequests(ctx, { client_request_id: id, limit: 1 })).data;
    if (newest === undefined) throw notFound("request");
    return newest;
  },
});
