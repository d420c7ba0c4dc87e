import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { UserId } from "./get-user";
import { notePaymentStatus } from "./note-payment-status";
import { User } from "./user";
import { lockUser } from "./user-access";

export const SyncedUser = z
  .object({
    user_id: z.uuid(),
    email: z.string(),
    payment_valid_until: User.shape.payment_valid_until,
    payment_status: User.shape.payment_status,
    synced: z.literal(true),
  })
  .meta({ id: "SyncedUser" });
export type SyncedUser = z.output<typeof SyncedUser>;

/**
 * Notes whether a user's payment has expired, with an audit row where that is news.
 * @throws ServiceError "not_found", "forbidden"
 */
export async function syncExpiry(ctx: ServiceContext, input: z.input<typeof UserId>): Promise<SyncedUser> {
  const { id } = parseInput(UserId, input);
  return ctx.db.transaction(async (tx) => {
    const user = await lockUser(tx, ctx.actor, id);
    await notePaymentStatus(tx, ctx, eq(users.id, id));
    return {
      user_id: id,
      email: user.email,
      payment_valid_until: user.paymentValidUntil,
      payment_status: user.paymentStatus,
      synced: true,
    };
  });
}
