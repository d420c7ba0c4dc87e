import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import { verb } from "#lib/services/verb";
import { UserId } from "./get-user";
import { storePaymentStatus } from "./store-payment-status";
import { User } from "./user";
import { lockUser } from "./user-access";

export const SyncedUser = z
  .object({
    user_id: z.uuid(),
    external_id: User.shape.external_id,
    email: User.shape.email,
    payment_valid_until: User.shape.payment_valid_until,
    payment_status: User.shape.payment_status,
    synced: z.literal(true),
  })
  .meta({ id: "SyncedUser" });
export type SyncedUser = z.output<typeof SyncedUser>;

/**
 * Updates a user's payment status, with an audit row if it changes.
 * @throws ServiceError "not_found", "forbidden" for an administrator
 */
export const syncExpiry = verb({
  role: "org_admin",
  input: UserId,
  output: SyncedUser,
  run: async (ctx, { id }) => {
    return ctx.db.transaction(async (tx) => {
      const user = await lockUser(tx, ctx.actor, id);
      await storePaymentStatus(tx, ctx, eq(users.id, id));
      return {
        user_id: id,
        external_id: user.externalId,
        email: user.email,
        payment_valid_until: user.paymentValidUntil,
        payment_status: user.paymentStatus,
        synced: true,
      };
    });
  },
});
