import { asc, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { MOST_CHOICES } from "./most-choices";

/** An organization in a form or filter. */
export type OrganizationChoice = { id: string; name: string };

/**
 * The first organizations by name that a form or filter offers: administrators may choose any, others have their own
 * one. With MOST_CHOICES of them there may be more, which are to be searched for.
 * @param selected an organization that is offered in any case, since it is the current value
 */
export async function organizationChoices(
  ctx: ServiceContext,
  selected: string | null = null,
): Promise<OrganizationChoice[]> {
  const first = await readChoices(ctx, choosableBy(ctx.actor)).limit(MOST_CHOICES);
  if (selected === null || ctx.actor.role !== "admin" || first.some(({ id }) => id === selected))
    return first;
  return [...first, ...(await readChoices(ctx, eq(organizations.id, selected)))];
}

const readChoices = ({ db }: ServiceContext, where: SQL | undefined) =>
  db
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(where)
    .orderBy(asc(organizations.name), asc(organizations.id));

/** Members do not see their organization, but create keys in it. */
const choosableBy = (actor: Actor): SQL | undefined =>
  actor.role === "admin" ? undefined : sql`${organizations.id} = ${actor.organizationId}`;
