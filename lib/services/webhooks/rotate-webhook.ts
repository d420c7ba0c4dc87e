import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { openIfPossible } from "#lib/config/seal";
import { webhooks } from "#lib/db/schema/webhooks";
import { recordAudit } from "#lib/services/audit/record-audit";
import { graceField, idField } from "#lib/services/fields";
import { sealIn } from "#lib/services/sealing";
import { requireSecretWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { NewWebhook, toWebhook } from "./webhook";
import { auditedWebhook, lockWebhook } from "./webhook-access";
import { newWebhookSecret, previousSecretPlace, secretPlace } from "./webhook-secret";

const DAY_S = 86_400;

/**
 * Creates a new secret for a webhook. Until the grace period ends, deliveries have two signatures, with the new and with
 * the old secret; one from an earlier rotation signs no longer.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden" for a token that ends
 */
export const rotateWebhook = verb({
  role: "org_admin",
  input: z.strictObject({
    id: idField("webhook"),
    grace_seconds: graceField
      .unwrap()
      .default(DAY_S)
      .describe("Seconds for which the old secret signs, too."),
  }),
  output: NewWebhook,
  run: async (ctx, { id, grace_seconds }) => {
    const secret = newWebhookSecret();
    return ctx.db.transaction(async (tx) => {
      const row = await lockWebhook(tx, ctx.actor, id);
      requireSecretWithinLife(ctx.actor, null, "webhook");
      const seal = await sealIn(tx, ctx.config);
      // Bound to its column, so it is sealed again. One that does not open signs nothing any more.
      const old = grace_seconds === 0 ? null : openIfPossible(row.secret, ctx.config, secretPlace(id));
      const [changed] = await tx
        .update(webhooks)
        .set({
          secret: seal(secret, secretPlace(id)),
          previousSecret: old === null ? null : seal(old, previousSecretPlace(id)),
          previousSecretExpiresAt: old === null ? null : sql`now() + make_interval(secs => ${grace_seconds})`,
        })
        .where(eq(webhooks.id, id))
        .returning();
      if (changed === undefined) throw new Error("the locked webhook was not updated");
      const after = toWebhook(changed);
      await recordAudit(tx, ctx, { action: "webhook.rotate", ...auditedWebhook(row), after });
      return { ...after, secret };
    });
  },
});
