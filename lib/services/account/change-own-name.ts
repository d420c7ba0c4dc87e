import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import { forbidden } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { nameField } from "#lib/services/fields";
import { readUser } from "#lib/services/users/user-access";
import { verb } from "#lib/services/verb";

/**
 * Changes the name that a person has in their organization.
 * @throws ServiceError "forbidden" without a portal session
 */
export const changeOwnName = verb({
  role: "viewer",
  input: z.strictObject({ name: nameField }),
  output: z.void(),
  run: async (ctx, { name }) => {
    const { actor } = ctx;
    if (actor.kind !== "user") throw forbidden("Only people who are signed in have a name of their own.");
    await ctx.db.transaction(async (tx) => {
      const user = await readUser(tx, actor, actor.id);
      if (user.name === name) return;
      await tx.update(users).set({ name }).where(eq(users.id, user.id));
      await recordAudit(tx, ctx, {
        action: "user.update",
        subjectType: "user",
        subjectId: user.id,
        organizationId: user.organizationId,
        before: { name: user.name },
        after: { name },
      });
    });
  },
});
