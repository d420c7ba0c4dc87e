import { z } from "zod";
import { hashOfDigest } from "#lib/auth/key-hash";
import { verb } from "#lib/services/verb";
import { CreateKeyInput, createKey, storeKey } from "./create-key";
import { Key } from "./key";

const CreatedKey = Key.extend({
  key: z.string().nullable().describe("The key itself. Shown only once. Null if only its digest was given."),
}).meta({ id: "CreatedApiKey" });

/**
 * Creates a key as createKey does, or takes in one whose digest alone is known: requests that present the key are then
 * recognized. Of the digest, only our keyed hash is stored.
 * @throws ServiceError as createKey
 */
export const createOrMoveKey = verb({
  role: "member",
  input: CreateKeyInput.extend({
    key_sha256: z
      .string()
      .regex(
        /^[0-9a-fA-F]{64}$/,
        "Give the SHA-256 digest of the key as 64 hexadecimal digits, without a prefix like sha256:.",
      )
      .transform((digits) => digits.toLowerCase())
      .optional()
      .describe("The SHA-256 digest, in hexadecimal, of an existing key to import. Administrators only."),
  }).refine(({ key, key_sha256 }) => key === undefined || key_sha256 === undefined, {
    path: ["key_sha256"],
    error: "Give either the key or its digest.",
  }),
  output: CreatedKey,
  run: async (ctx, { key_sha256: digest, ...asked }) => {
    if (digest === undefined) return createKey(ctx, asked);
    const created = await storeKey(ctx, asked, {
      hashes: [hashOfDigest(ctx.hashSecret, digest)],
      prefix: `sha256:${digest.slice(0, 6)}`,
      importedAs: "key_sha256",
    });
    return { ...created, key: null };
  },
});
