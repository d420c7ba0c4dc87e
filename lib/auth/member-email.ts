import { sql } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";

/** The e-mail address of a user who has an account or an invite: such users have one. */
export const memberEmail = sql<string>`coalesce(${users.email}, '')`;
