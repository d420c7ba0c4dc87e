import { z } from "zod";
import type { providers } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";
import { instantField } from "#lib/services/fields";
import { Credentials, Settings, TypeName } from "./type-fields";

/** A provider in the API, without its credentials. */
export const Provider = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: TypeName,
    base_url: z.string().nullable().describe("Null: the type's default."),
    has_credentials: z.boolean(),
    settings: Settings,
    enabled: z.boolean(),
    created_at: instantField,
  })
  .meta({ id: "Provider" });
export type Provider = z.output<typeof Provider>;

/** The fields of a new provider; a change takes any of them. */
export const providerFields = {
  name: z
    .string()
    .trim()
    // It travels in a header, x-tollgate-provider.
    .regex(/^[\x20-\x7e]{1,63}$/, "Use 1 to 63 letters, digits and symbols.")
    .describe("Unique among providers."),
  base_url: z
    .string()
    .trim()
    .max(2000)
    .nullable()
    .optional()
    .describe(
      "With the version segment, like https://api.groq.com/openai/v1. Required if the type has no default.",
    ),
  credentials: Credentials.nullable().optional(),
  settings: Settings.optional(),
  enabled: z.boolean(),
};

export type ProviderRow = typeof providers.$inferSelect;
export function toProvider(
  row: Omit<ProviderRow, "credentials" | "headers"> & { credentials: unknown },
): Provider {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    base_url: row.baseUrl,
    has_credentials: row.credentials !== null,
    settings: row.settings,
    enabled: row.enabled,
    created_at: row.createdAt.toISOString(),
  };
}

export const nameTaken = (name: string) =>
  new ServiceError("conflict", `A provider named "${name}" already exists.`, {
    name: "This name is taken.",
  });
