import { and, desc, eq, type SQL } from "drizzle-orm";
import { z } from "zod";
import { ledger } from "#lib/db/schema/credit";
import { notFound } from "#lib/http/errors";
import { pathNameField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { verb } from "#lib/services/verb";
import { LedgerRequest, selectRequests, toLedgerRequest } from "./ledger-request";

/**
 * Returns one row of the ledger: by its id, or else the newest with that id of the client's.
 * @throws ServiceError "not_found" if the actor may see no such request
 */
export const getRequest = verb({
  role: "viewer",
  input: z.strictObject({ id: pathNameField("request", 200) }),
  output: LedgerRequest,
  run: async (ctx, { id }) => {
    const newest = (named: SQL) =>
      selectRequests(ctx.db)
        .where(and(named, visibleTo(ctx.actor, ledger)))
        .orderBy(desc(ledger.id))
        .limit(1);
    const byId = z.uuid().safeParse(id).success ? await newest(eq(ledger.id, id)) : [];
    const [row] = byId.length > 0 ? byId : await newest(eq(ledger.clientRequestId, id));
    if (row === undefined) throw notFound("request");
    return toLedgerRequest(row);
  },
});
