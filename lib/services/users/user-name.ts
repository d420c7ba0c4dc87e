import { sql } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";

/** What a user is called (userTitle), in a query; null without a user. */
export const userName = sql<string | null>`coalesce(${users.name}, ${users.email}, ${users.externalId})`;
