import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { toUser, User } from "./user";
import { readUser } from "./user-access";

export const UserId = z.strictObject({ id: idField("user") });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export const getUser = verb({
  role: "viewer",
  input: UserId,
  output: User,
  run: async (ctx, { id }) => {
    return toUser(await readUser(ctx.db, ctx.actor, id));
  },
});
