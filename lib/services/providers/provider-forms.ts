import { z } from "zod";
import { PROVIDER_PRESETS } from "#lib/providers/presets";
import type { ProviderType } from "#lib/providers/provider-type";
import { findProviderType, PROVIDER_TYPE_NAMES } from "#lib/providers/registry";

/** A field of credentials or settings, as the type's own schema has it. */
export type ProviderField = {
  name: string;
  isRequired: boolean;
  /** Whether its value is an object, entered as JSON. */
  isJson: boolean;
  hint: string | null;
};

/** What a form for a provider of one type asks for. */
export type ProviderKind = {
  type: string;
  baseUrl: "default" | "required" | "derived" | "none";
  /** The ways to sign in, one of which is needed; empty for a type without credentials. */
  credentials: readonly (readonly ProviderField[])[];
  credentialsRequired: boolean;
  /** The settings that it cannot do without. */
  settings: readonly ProviderField[];
};

/** A provider to add: a type, or what is known of one that people use. */
export type ProviderChoice = {
  name: string;
  type: string;
  baseUrl: string | null;
  settings: Readonly<Record<string, unknown>>;
};

export type ProviderFormOptions = { kinds: readonly ProviderKind[]; choices: readonly ProviderChoice[] };

/** What the forms of providers offer, derived from the types and the presets. */
export function providerFormOptions(): ProviderFormOptions {
  const types = PROVIDER_TYPE_NAMES.map((type) => ({ name: type, type, baseUrl: null, settings: {} }));
  const presets = PROVIDER_PRESETS.map(({ name, type, baseUrl, settings }) => ({
    name,
    type,
    baseUrl,
    settings: { ...settings },
  }));
  return { kinds: PROVIDER_TYPE_NAMES.flatMap(kindOf), choices: [...types, ...presets] };
}

function kindOf(type: string): ProviderKind[] {
  const declared = findProviderType(type);
  if (declared === undefined) return [];
  const { baseUrl, credentials, credentialsRequired, settings } = declared;
  return [
    {
      type,
      baseUrl: baseUrl.kind,
      credentials: credentials === null ? [] : alternativesOf(credentials),
      credentialsRequired,
      settings: alternativesOf(settings).flatMap((fields) => fields.filter(({ isRequired }) => isRequired)),
    },
  ];
}

const ObjectSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ type: z.string().optional(), description: z.string().optional() }),
  ),
  required: z.array(z.string()).default([]),
});
const AnySchema = z.union([z.object({ anyOf: z.array(ObjectSchema) }), ObjectSchema]);

function alternativesOf(schema: NonNullable<ProviderType["credentials"]>): ProviderField[][] {
  const document = AnySchema.parse(z.toJSONSchema(schema, { io: "input" }));
  const objects = "anyOf" in document ? document.anyOf : [document];
  return objects.map(({ properties, required }) =>
    Object.entries(properties).map(([name, { type, description }]) => ({
      name,
      isRequired: required.includes(name),
      isJson: type === "object",
      hint: description ?? null,
    })),
  );
}
