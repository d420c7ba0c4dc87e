import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { toUser, type User } from "./user";
import { readUser } from "./user-access";

export const UserId = z.strictObject({ id: idField("user") });

/**
 * One user.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getUser(ctx: ServiceContext, input: z.input<typeof UserId>): Promise<User> {
  const { id } = parseInput(UserId, input);
  return toUser(await readUser(ctx.db, ctx.actor, id));
}
