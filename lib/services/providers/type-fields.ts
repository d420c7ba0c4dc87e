import { z } from "zod";
import { invalidField } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ProviderType } from "#lib/providers/provider-type";
import { findProviderType, PROVIDER_TYPE_NAMES, PROVIDER_TYPES } from "#lib/providers/registry";

/** The name of a provider type. */
export const TypeName = z.enum(PROVIDER_TYPE_NAMES, `Choose one of: ${PROVIDER_TYPE_NAMES.join(", ")}.`);

/** As many keys of one provider as anybody has. */
const MOST_CREDENTIALS = 50;

const OneOf = ofAnyType("ProviderCredentials", (type) => type.credentials);

/** The credentials of a provider, as input only. Each type checks its own. */
export const Credentials = z
  .union([OneOf, z.array(OneOf).min(1).max(MOST_CREDENTIALS)])
  .describe("A list is tried in turn: the next ones where the provider answers with 401 or 429.");

/** The settings of a provider. Each type checks its own. */
export const Settings = ofAnyType("ProviderSettings", (type) => type.settings);

type Given = { type: string; baseUrl: string | null; credentials: unknown; settings: unknown };

/**
 * Checks that a provider has what its type requires, and nothing that the type cannot use. `credentials` is
 * null for none, and undefined for stored ones that stay.
 * @returns the credentials as the type parses them
 * @throws ServiceError "invalid"
 */
export function checkAgainstType({ type: name, baseUrl, credentials, settings }: Given): unknown {
  const type = findProviderType(name);
  if (type === undefined) throw invalidField("type", `The provider type "${name}" is not served.`);
  if (type.baseUrl.kind === "none" && baseUrl !== null) {
    throw invalidField("base_url", `A provider of type "${name}" has no base URL.`);
  }
  if (type.baseUrl.kind === "required" && baseUrl === null) {
    throw invalidField("base_url", "This type requires a base URL.");
  }
  parseInput(z.object({ settings: type.settings }), { settings });
  return checkCredentials(name, type, credentials);
}

function checkCredentials(name: string, type: ProviderType, given: unknown): unknown {
  if (given === undefined || (given === null && !type.credentialsRequired)) return given;
  if (type.credentials === null) {
    throw invalidField("credentials", `A provider of type "${name}" has no credentials.`);
  }
  const one = type.credentials;
  const input = { credentials: given ?? {} };
  if (!Array.isArray(given)) return parseInput(z.object({ credentials: one }), input).credentials;
  const { credentials } = parseInput(z.object({ credentials: z.array(one) }), input);
  if (new Set(credentials.map((each) => JSON.stringify(each))).size < credentials.length)
    throw invalidField("credentials", "Give each of the credentials once.");
  return credentials.length === 1 ? credentials[0] : credentials;
}

/** Any object as input; in the OpenAPI document, one of the types' own schemas. */
function ofAnyType(id: string, schemaOf: (type: ProviderType) => z.ZodType | null) {
  const schemas = PROVIDER_TYPES.flatMap((type) => schemaOf(type) ?? []);
  const documents = new Set(schemas.map((schema) => JSON.stringify(documentOf(schema))));
  const anyOf = [...documents].map((text) => JSON.parse(text));
  return z.record(z.string(), z.unknown()).meta({ id, override: { anyOf } });
}

function documentOf(schema: z.ZodType): object {
  const { $schema: _, ...document } = z.toJSONSchema(schema, { io: "input" });
  return document;
}
