import { z } from "zod";
import { isPlausibleKey } from "#lib/auth/api-key";

/** A key that clients already use. */
export const importedKeyField = z
  .string()
  .regex(/^[\x21-\x7e]{8,512}$/, "Use 8 to 512 letters, digits and symbols, without spaces.")
  .refine(isPlausibleKey, 'A key that starts with "tg_" must be a valid Tollgate key.');
