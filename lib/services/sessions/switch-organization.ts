import { z } from "zod";
import { switchMembership } from "#lib/auth/session-record";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { ownSession } from "./session-access";

/**
 * Lets the session that asks act as another membership of its person, who may be someone else there.
 * @throws ServiceError "not_found" for a user who is not theirs
 */
export const switchOrganization = verb({
  role: "viewer",
  input: z.strictObject({ user_id: idField("user") }),
  output: z.void(),
  run: async (ctx, { user_id }) => {
    const session = ownSession(ctx.actor);
    const switched =
      session !== undefined && (await switchMembership(ctx.db, session, user_id, ctx.requestIp ?? null));
    if (!switched) throw notFound("user");
  },
});
