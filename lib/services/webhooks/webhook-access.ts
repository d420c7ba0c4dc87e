import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { webhooks } from "#lib/db/schema/webhooks";
import { notFound } from "#lib/http/errors";
import { toWebhook } from "./webhook";

/** The webhooks that an actor sees: administrators all, an `org_admin` their organization's. */
export function visibleWebhooks(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  return actor.organizationId === null ? sql`false` : eq(webhooks.organizationId, actor.organizationId);
}

/** @throws ServiceError "not_found" if there is none that the actor may see */
export async function readWebhook(db: Db | Tx, actor: Actor, id: string) {
  return found(await selectWebhook(db, actor, id));
}

/**
 * A webhook's row, locked for a change.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export async function lockWebhook(tx: Tx, actor: Actor, id: string) {
  return found(await selectWebhook(tx, actor, id).for("update"));
}

const selectWebhook = (db: Db | Tx, actor: Actor, id: string) =>
  db
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.id, id), visibleWebhooks(actor)));

function found<Row>([row]: Row[]): Row {
  if (row === undefined) throw notFound("webhook");
  return row;
}

/** What the audit log says about a webhook that is changed or deleted. */
export const auditedWebhook = (row: typeof webhooks.$inferSelect) => ({
  subjectType: "webhook" as const,
  subjectId: row.id,
  organizationId: row.organizationId,
  before: toWebhook(row),
});
