import type { ServiceContext } from "#lib/services/context";
import { userNames } from "./user-names";

/** The name of a user, or else the e-mail address; null if the actor knows no such user. */
export const userLabel = async (ctx: ServiceContext, id: string): Promise<string | null> =>
  (await userNames(ctx, [id])).get(id) ?? null;
