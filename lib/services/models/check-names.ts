import { and, inArray, ne, or, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { models } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";

/**
 * Rejects a name or alias that another model has as either. The caller must hold the lock on models.
 * @param own the model's own id, if it exists already
 * @throws ServiceError "conflict" that names the clash
 */
export async function checkNames(
  tx: Tx,
  name: string,
  aliases: readonly string[],
  own: string | null = null,
): Promise<void> {
  const wanted = [name, ...aliases];
  const taken = await tx
    .select({ name: models.name, aliases: models.aliases })
    .from(models)
    .where(
      and(
        own === null ? undefined : ne(models.id, own),
        or(inArray(models.name, wanted), sql`${models.aliases} && ${sql.param(wanted, models.aliases)}`),
      ),
    );
  const clash = wanted.find((each) => taken.some((model) => [model.name, ...model.aliases].includes(each)));
  const owner = taken.find((model) => clash !== undefined && [model.name, ...model.aliases].includes(clash));
  if (clash === undefined || owner === undefined) return;
  const message =
    owner.name === clash
      ? `A model named "${clash}" already exists.`
      : `"${clash}" is already an alias of the model "${owner.name}".`;
  throw new ServiceError("conflict", message, {
    [clash === name ? "name" : "aliases"]: `"${clash}" is taken.`,
  });
}
