import { and, eq, isNull, sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { webhooks } from "#lib/db/schema/webhooks";
import { log } from "#lib/observability/log";
import { recordAudit } from "#lib/services/audit/record-audit";
import { toWebhook } from "./webhook";
import { auditedWebhook } from "./webhook-access";

/** Disables a webhook that cannot be reached, and tells of it once. What is on its way waits until it is enabled again. */
export async function disableWebhook(db: Db | Tx, id: string, reason: "failing" | "gone"): Promise<void> {
  await db.transaction(async (tx) => {
    const enabled = and(eq(webhooks.id, id), isNull(webhooks.disabledAt));
    const [before] = await tx.select().from(webhooks).where(enabled).for("update");
    if (before === undefined) return;
    const [after] = await tx
      .update(webhooks)
      .set({ disabledAt: sql`now()`, disabledReason: reason })
      .where(enabled)
      .returning();
    if (after === undefined) return;
    await recordAudit(
      tx,
      { actor: SYSTEM },
      {
        action: "webhook.disable",
        ...auditedWebhook(before),
        after: toWebhook(after),
      },
    );
    await tx.insert(events).values({
      type: "webhook.disabled",
      organizationId: before.organizationId,
      // Without the path, which at chat services is a secret.
      data: {
        webhook_id: id,
        host: new URL(before.url).host,
        reason,
        organization_id: before.organizationId,
        failing_since: before.failingSince?.toISOString() ?? null,
      },
    });
    log.warn({ webhook: id, reason }, "webhook disabled");
  });
}
