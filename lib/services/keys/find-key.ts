import { inArray, or } from "drizzle-orm";
import { z } from "zod";
import { hashesOfKey } from "#lib/auth/key-hash";
import { apiKeys } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { verb } from "#lib/services/verb";
import { Key } from "./key";
import { selectKeys, toKeys } from "./key-rows";

/** Longer than any key. */
const MOST_CHARACTERS = 1024;

/**
 * Finds a key by its value, or by the one from before its last rotation.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const findKey = verb({
  role: "viewer",
  input: z.strictObject({
    key: z
      .string()
      .trim()
      .min(1, "Give the key.")
      .max(MOST_CHARACTERS, `A key has at most ${MOST_CHARACTERS} characters.`)
      .describe("The key itself. It is neither stored nor logged."),
  }),
  output: Key,
  run: async (ctx, { key }) => {
    const hashes = hashesOfKey(ctx.hashSecret, key);
    const condition = or(inArray(apiKeys.keyHash, hashes), inArray(apiKeys.previousKeyHash, hashes));
    const rows = await selectKeys(ctx.db, ctx.actor, condition, 1);
    const [found] = await toKeys(ctx.db, ctx.actor, rows, new Date());
    if (found === undefined)
      throw new ServiceError("not_found", "No API key that you can see has this value.");
    return found;
  },
});
