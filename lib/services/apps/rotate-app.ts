import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { newApiKey } from "#lib/auth/api-key";
import { apps } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import { graceField, idField } from "#lib/services/fields";
import { requireSecretWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { appColumns, NewApp, toApp } from "./app";
import { lockApp } from "./app-access";
import { auditedApp } from "./app-audit";

/**
 * Creates a new secret for an app. The old one works until the grace period ends; one from an earlier rotation
 * stops working at once.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden" for a token that ends
 */
export const rotateApp = verb({
  role: "org_admin",
  input: z.strictObject({ id: idField("app"), grace_seconds: graceField }),
  output: NewApp,
  run: async (ctx, { id, grace_seconds }) => {
    const secret = newApiKey("app");
    return ctx.db.transaction(async (tx) => {
      const row = await lockApp(tx, ctx.actor, id);
      requireSecretWithinLife(ctx.actor, null, "app");
      const [changed] = await tx
        .update(apps)
        .set({
          secretHash: ctx.hashSecret(secret),
          previousSecretHash: grace_seconds === 0 ? null : row.secretHash,
          // By the database's clock, which the hold uses.
          previousSecretExpiresAt:
            grace_seconds === 0 ? null : sql`now() + make_interval(secs => ${grace_seconds})`,
        })
        .where(eq(apps.id, id))
        .returning(appColumns);
      if (changed === undefined) throw new Error("the locked app was not updated");
      const after = toApp(changed);
      await recordAudit(tx, ctx, {
        action: "app.rotate",
        ...auditedApp(row),
        after,
      });
      return { ...after, secret };
    });
  },
});
