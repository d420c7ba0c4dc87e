import { z } from "zod";
import type { MemberKeys as StoredMemberKeys } from "#lib/db/schema/identity";
import { allowedIpsField, rangesOf } from "#lib/services/keys/key-fields";

/** What an organization allows for keys that belong to a person. Null: no bounds. */
export const MemberKeys = z
  .strictObject({
    max: z
      .int("Enter a whole number.")
      .min(0)
      .max(10_000)
      .describe("How many active keys a person may have. 0: none."),
    allowed_ips: allowedIpsField
      .optional()
      .describe(
        "The only addresses and CIDR ranges that they may send requests from. Null: all. Empty: none.",
      ),
    max_days: z
      .int("Enter a whole number.")
      .min(1)
      .max(3650)
      .nullable()
      .optional()
      .describe(
        "The most days until such a key expires, from its creation, change or rotation. Null: no limit.",
      ),
  })
  .meta({ id: "MemberKeys" });
export type MemberKeys = z.output<typeof MemberKeys>;

/** The stored form: addresses in their canonical form, without fields that set no bound. */
export function storedMemberKeys({ max, allowed_ips: ips, max_days: days }: MemberKeys): StoredMemberKeys {
  return {
    max,
    ...(ips == null ? {} : { allowed_ips: rangesOf(ips) }),
    ...(days == null ? {} : { max_days: days }),
  };
}
