import { asc, eq, sql } from "drizzle-orm";
import { organizations, users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** One of the organizations that a signed-in person may switch to. */
export type MembershipOption = {
  userId: string;
  /** Null for an administrator of the installation. */
  organizationName: string | null;
  role: (typeof users.$inferSelect)["role"];
};

/** The memberships of an account, by the names of their organizations. */
export const membershipsOf = async (
  ctx: Pick<ServiceContext, "db">,
  accountId: string,
): Promise<MembershipOption[]> =>
  ctx.db
    .select({ userId: users.id, organizationName: organizations.name, role: users.role })
    .from(users)
    .leftJoin(organizations, eq(organizations.id, users.organizationId))
    .where(eq(users.accountId, accountId))
    .orderBy(sql`lower(${organizations.name}) NULLS FIRST`, asc(users.createdAt));
