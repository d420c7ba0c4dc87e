import { randomUUID } from "node:crypto";
import { eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { webhooks } from "#lib/db/schema/webhooks";
import { invalidField, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { sealIn } from "#lib/services/sealing";
import { requireSecretWithinLife } from "#lib/services/token-life";
import { requireOrganization } from "#lib/services/users/user-access";
import { verb } from "#lib/services/verb";
import { NewWebhook, toWebhook, webhookFields } from "./webhook";
import { newWebhookSecret, secretPlace } from "./webhook-secret";
import { checkedWebhookUrl } from "./webhook-url";

const MOST_PER_ORGANIZATION = 20;
/** Serializes creations, which count. */
const LOCK = "742117901163";

/**
 * Creates a webhook. It gets the events that happen from now on.
 * @throws ServiceError "not_found" for an organization that the actor may not see, "invalid" for a URL that it may not be
 * sent to, "conflict" if there are too many, "forbidden" for a token that ends: webhooks have no end
 */
export const createWebhook = verb({
  role: "org_admin",
  input: z.strictObject({
    url: webhookFields.url,
    events: webhookFields.events,
    organization_id: z
      .uuid("Choose an organization.")
      .optional()
      .describe("Defaults to your own; an administrator's gets the events of all."),
    format: webhookFields.format.default("standard"),
  }),
  output: NewWebhook,
  run: async (ctx, asked) => {
    const organizationId = asked.organization_id ?? ctx.actor.organizationId;
    if (organizationId === null && ctx.actor.role !== "admin") {
      throw invalidField("organization_id", "Choose an organization.");
    }
    requireSecretWithinLife(ctx.actor, null, "webhook");
    const id = randomUUID();
    const secret = newWebhookSecret();
    return ctx.db.transaction(async (tx) => {
      if (organizationId !== null) await requireOrganization(tx, ctx.actor, organizationId, "member");
      const url = checkedWebhookUrl(asked.url, ctx.config.ALLOW_PRIVATE_WEBHOOKS);
      await requireRoom(tx, organizationId);
      const seal = await sealIn(tx, ctx.config);
      const [row] = await tx
        .insert(webhooks)
        .values({
          id,
          organizationId,
          url,
          events: [...new Set(asked.events)],
          format: asked.format,
          secret: seal(secret, secretPlace(id)),
        })
        .returning();
      if (row === undefined) throw new Error("the webhook was not inserted");
      const webhook = toWebhook(row);
      await recordAudit(tx, ctx, {
        action: "webhook.create",
        subjectType: "webhook",
        subjectId: id,
        organizationId,
        after: webhook,
      });
      return { ...webhook, secret };
    });
  },
});

async function requireRoom(tx: Tx, organizationId: string | null): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK}::bigint)`);
  const own =
    organizationId === null ? isNull(webhooks.organizationId) : eq(webhooks.organizationId, organizationId);
  if ((await tx.$count(webhooks, own)) < MOST_PER_ORGANIZATION) return;
  throw new ServiceError("conflict", `At most ${MOST_PER_ORGANIZATION} webhooks: delete one first.`);
}
