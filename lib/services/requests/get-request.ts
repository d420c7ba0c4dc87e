import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { ledger } from "#lib/db/schema/credit";
import { notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { type LedgerRequest, selectRequests, toLedgerRequest } from "./ledger-request";

export const RequestId = z.strictObject({ id: idField("request") });

/**
 * One row of the ledger.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getRequest(
  ctx: ServiceContext,
  input: z.input<typeof RequestId>,
): Promise<LedgerRequest> {
  const { id } = parseInput(RequestId, input);
  const [row] = await selectRequests(ctx.db).where(and(eq(ledger.id, id), visibleTo(ctx.actor, ledger)));
  if (row === undefined) throw notFound("request");
  return toLedgerRequest(row);
}
