import { z } from "zod";
import type { providers } from "#lib/db/schema/routing";
import { invalidField, ServiceError } from "#lib/http/errors";
import { defaultBaseUrl, isServedType, SERVED_TYPES } from "#lib/providers/registry";
import { instantField } from "#lib/services/fields";
import { paceOf, SimulatedPace } from "./simulated-pace";

/** A provider as the contract shows it: its credentials go in and never come out. */
export const Provider = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.enum(SERVED_TYPES),
    base_url: z.string().nullable().describe("Null: the type's own."),
    has_credentials: z.boolean(),
    settings: SimulatedPace,
    enabled: z.boolean(),
    created_at: instantField,
  })
  .meta({ id: "Provider" });
export type Provider = z.output<typeof Provider>;

/** What goes in and never comes out. */
export const Credentials = z
  .strictObject({
    // It travels in a header.
    api_key: z.string().regex(/^[\x21-\x7e]{1,4000}$/, "Give the API key as it was issued, without spaces."),
  })
  .meta({ id: "ProviderCredentials" });

/** What is given when a provider is made, and in part when it is changed. */
export const providerFields = {
  name: z
    .string()
    .trim()
    // It travels in a header, x-tollgate-provider.
    .regex(/^[\x20-\x7e]{1,63}$/, "Use 1 to 63 letters, digits and signs.")
    .describe("Unique among providers."),
  base_url: z
    .string()
    .trim()
    .max(2000)
    .nullable()
    .optional()
    .describe(
      "With the version segment, like https://api.groq.com/openai/v1. Needed where the type has none of its own.",
    ),
  credentials: Credentials.nullable().optional(),
  settings: SimulatedPace.optional().describe("Of a simulated provider: its pace."),
  enabled: z.boolean(),
};

export type ProviderRow = typeof providers.$inferSelect;
type Kind = Pick<ProviderRow, "type" | "baseUrl" | "settings"> & { hasCredentials: boolean };

/**
 * Whether a provider has what its type needs, and nothing that it cannot use.
 * @throws ServiceError "invalid"
 */
export function checkKind({ type, baseUrl, hasCredentials, settings }: Kind): void {
  if (!isServedType(type)) {
    throw invalidField("type", `"${type}" is not served. Choose one of: ${SERVED_TYPES.join(", ")}.`);
  }
  if (type === "simulated") {
    if (baseUrl !== null) throw invalidField("base_url", "A simulated provider has no URL.");
    if (hasCredentials) throw invalidField("credentials", "A simulated provider has no credentials.");
    return;
  }
  if (Object.keys(settings).length > 0) throw invalidField("settings", "This type has no settings.");
  if (baseUrl === null && defaultBaseUrl(type) === "") throw invalidField("base_url", "Give the base URL.");
  if (type === "openai" && !hasCredentials) {
    throw invalidField("credentials.api_key", "Give the API key, as credentials.api_key.");
  }
}

export function toProvider(row: Omit<ProviderRow, "credentials"> & { credentials: unknown }): Provider {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    base_url: row.baseUrl,
    has_credentials: row.credentials !== null,
    settings: paceOf(row.settings),
    enabled: row.enabled,
    created_at: row.createdAt.toISOString(),
  };
}

export const nameTaken = (name: string) =>
  new ServiceError("conflict", `There is a provider named "${name}" already.`, {
    name: "This name is taken.",
  });
