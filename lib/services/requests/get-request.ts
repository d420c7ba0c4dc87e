import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { ledger } from "#lib/db/schema/credit";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { verb } from "#lib/services/verb";
import { LedgerRequest, selectRequests, toLedgerRequest } from "./ledger-request";

/**
 * Returns one row of the ledger.
 * @throws ServiceError "not_found" if the actor may see no such request
 */
export const getRequest = verb({
  role: "viewer",
  input: z.strictObject({ id: idField("request") }),
  output: LedgerRequest,
  run: async (ctx, { id }) => {
    const [row] = await selectRequests(ctx.db).where(and(eq(ledger.id, id), visibleTo(ctx.actor, ledger)));
    if (row === undefined) throw notFound("request");
    return toLedgerRequest(row);
  },
});
