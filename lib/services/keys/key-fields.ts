import { z } from "zod";
import { addressRange } from "#lib/config/address-ranges";
import { instantField, nameField, textField } from "#lib/services/fields";
import { limitFields } from "#lib/services/limits";

const modelName = z.string().regex(/^[\x21-\x7e]{1,200}$/, "is not the name of a model");

/** Which models a key or an app may use. One that is not there (yet) simply matches nothing. */
export const allowedModelsField = z
  .array(modelName)
  .max(200)
  .nullable()
  .describe("Names or aliases. Null: every model. Empty: none.");

const addressOrRange = z
  .string()
  .refine(
    (text) => addressRange(text) !== null,
    "Give an IP address or a range, like 203.0.113.7 or 10.0.0.0/8.",
  )
  .meta({ examples: ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"] });

/** What is given when a key is made, and in part when it is changed. */
export const keyFields = {
  name: nameField,
  ...limitFields,
  allowed_models: allowedModelsField,
  allowed_ips: z
    .array(addressOrRange)
    .max(200)
    .nullable()
    .describe("Addresses and CIDR ranges that requests may come from. Null: any. Empty: none."),
  provider_id: z
    .uuid("Choose a provider.")
    .nullable()
    .describe("Only this provider serves its requests. For administrators to set."),
  expires_at: instantField.nullable(),
  tags: z
    .array(textField(100).min(1, "A tag has at least one character."))
    .max(50)
    .describe("Every request of the key is marked with them."),
};

export const withoutRepeats = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Addresses and ranges as they are kept, each once. */
export const rangesOf = (texts: readonly string[]): string[] =>
  withoutRepeats(texts.flatMap((text) => addressRange(text) ?? []));
