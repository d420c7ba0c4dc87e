import { eq, sql } from "drizzle-orm";
import type { Db, Tx } from "#lib/db/client";
import { organizations } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";

/** How many models an error names. */
const MOST_NAMED = 10;

/**
 * Rejects models that a bound does not allow. A model may have its name in one list and an alias in the other.
 * @param bound null allows all
 * @throws ServiceError "invalid" for `allowed_models`, which names the models and what the bound allows
 */
export async function requireModelsWithin(
  tx: Tx,
  asked: readonly string[] | null,
  bound: readonly string[] | null,
  noun: "organization" | "user",
): Promise<void> {
  if (asked === null || bound === null) return;
  const nameOf = await modelNames(tx, [...asked, ...bound]);
  const allowed = new Set(bound.map(nameOf));
  const outside = asked.filter((name) => !allowed.has(nameOf(name)));
  if (outside.length === 0) return;
  throw invalidField(
    "allowed_models",
    `The ${noun}'s allowed_models does not have ${namesOf(outside)}. It allows ${namesOf(bound)}.`,
  );
}

/**
 * Rejects models of a user or an app that their organization does not allow. Null adds no bound of their own, since
 * every request is judged by the organization's, too.
 * @param organizationId null for an administrator of the installation, whom no organization bounds
 * @throws ServiceError "invalid" for `allowed_models`
 */
export async function requireModelsOfOrganization(
  tx: Tx,
  organizationId: string | null,
  asked: readonly string[] | null,
): Promise<void> {
  if (organizationId === null || asked === null) return;
  const [organization] = await tx
    .select({ allowedModels: organizations.allowedModels })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  await requireModelsWithin(tx, asked, organization?.allowedModels ?? null, "organization");
}

/** Replaces aliases by their models' names, as the gateway does. */
async function modelNames(tx: Db | Tx, names: readonly string[]): Promise<(name: string) => string> {
  const rows = await tx.execute<{ alias: string; name: string }>(sql`
    SELECT a.alias, m.name FROM models m, unnest(m.aliases) AS a (alias)
    WHERE a.alias = ANY (ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(names)}::jsonb)))`);
  const byAlias = new Map(rows.map(({ alias, name }) => [alias, name]));
  return (name) => byAlias.get(name) ?? name;
}

/** Names for an error: "none", or the first of them and how many more. */
export function namesOf(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const others = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(", ") + (others > 0 ? ` and ${others} more` : "");
}
