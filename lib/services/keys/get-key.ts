import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import type { Key } from "./key";
import { readKey } from "./key-rows";

export const KeyId = z.strictObject({ id: idField("key") });

/**
 * One key.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getKey(ctx: ServiceContext, input: z.input<typeof KeyId>): Promise<Key> {
  const { id } = parseInput(KeyId, input);
  return readKey(ctx.db, ctx.actor, id);
}
