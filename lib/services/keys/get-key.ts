import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { Key } from "./key";
import { readKey } from "./key-rows";

export const KeyId = z.strictObject({ id: idField("key") });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export const getKey = verb({
  role: "viewer",
  input: KeyId,
  output: Key,
  run: async (ctx, { id }) => {
    return readKey(ctx.db, ctx.actor, id);
  },
});
