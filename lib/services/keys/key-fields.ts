import { z } from "zod";
import { addressRange } from "#lib/config/address-ranges";
import { instantField, nameField, textField } from "#lib/services/fields";
import { limitFields } from "#lib/services/limits";
import { metadataField } from "#lib/services/metadata";

const modelName = z
  .string()
  .regex(
    /^[\x21-\x7e]{1,200}$/,
    "Not a model name: use up to 200 letters, digits and symbols, without spaces.",
  );

/** The models that a scope may use. They need not exist (yet). */
export const allowedModelsField = z
  .array(modelName)
  .max(200)
  .nullable()
  .describe("Names or aliases. Null: all models. Empty: none.");

const addressOrRange = z
  .string()
  .refine(
    (text) => addressRange(text) !== null,
    "Enter an IP address or a range, like 203.0.113.7 or 10.0.0.0/8.",
  )
  .meta({ examples: ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"] });

/** From where a key may send requests. */
export const allowedIpsField = z
  .array(addressOrRange)
  .max(200)
  .nullable()
  .describe("Addresses and CIDR ranges that may send requests. Null: all. Empty: none.");

/** The input fields of creating a key; an update takes any of them. */
export const keyFields = {
  name: nameField,
  ...limitFields,
  allowed_models: allowedModelsField,
  allowed_ips: allowedIpsField,
  provider_id: z
    .uuid("Choose a provider.")
    .nullable()
    .describe("Only this provider serves its requests. Set by administrators only."),
  expires_at: instantField.nullable(),
  tags: z
    .array(textField(100).min(1, "A tag needs at least one character."))
    .max(50)
    .describe("Added to every request of the key."),
  metadata: metadataField,
};

export const withoutRepeats = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Addresses and ranges in their stored form, without duplicates. */
export const rangesOf = (texts: readonly string[]): string[] =>
  withoutRepeats(texts.flatMap((text) => addressRange(text) ?? []));
