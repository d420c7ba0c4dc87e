import { z } from "zod";
import type { Operation } from "../operation";
import type { Target } from "./rights-api";

/** The parts of a JSON schema that zod writes and these tests read. */
type JsonSchema = {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  format?: string;
  minimum?: number;
  /** What the OpenAPI document says instead: the fields of each type of provider. */
  override?: JsonSchema;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
};

/** A field of an input: the names of the fields around it, a number for the first item of a list, and its own. */
export type FieldPath = readonly (string | number)[];

const ITEM = 0;

/** The fields of an operation's input that hold no others, in lists and objects too, each with its schema as text. */
export function leafFields(operation: Operation): { path: FieldPath; schema: string }[] {
  const { resolve, root } = documentOf(operation);
  const leaves = (given: JsonSchema, path: FieldPath): { path: FieldPath; schema: string }[] => {
    const { properties, items } = resolve(given);
    if (properties)
      return Object.entries(properties).flatMap(([name, inner]) => leaves(inner, [...path, name]));
    if (typeof items === "object") return leaves(items, [...path, ITEM]);
    return [{ path, schema: JSON.stringify(given) }];
  };
  return leaves(root, []).filter(({ path }) => path.length > 0);
}

/** The input with a value at a path. What has to be beside it, and is missing, is valid. */
export function withValue(
  operation: Operation,
  input: Record<string, unknown>,
  path: FieldPath,
  { value, target }: { value: unknown; target: Target },
): Record<string, unknown> {
  const { resolve, root } = documentOf(operation);
  const put = (schema: JsonSchema, given: unknown, rest: FieldPath): unknown => {
    const [name, ...inner] = rest;
    if (name === undefined) return value;
    const { properties = {}, items } = resolve(schema);
    if (name === ITEM) {
      return [
        put(typeof items === "object" ? items : {}, Array.isArray(given) ? given[0] : undefined, inner),
      ];
    }
    const fields = isRecord(given) ? given : {};
    const known = { ...requiredFields(schema), ...fields };
    return { ...known, [name]: put(properties[name] ?? {}, known[name], inner) };
  };
  const requiredFields = (schema: JsonSchema): Record<string, unknown> => {
    const { properties = {}, required = [] } = resolve(schema);
    return Object.fromEntries(required.map((name) => [name, valid(properties[name] ?? {}, name)]));
  };
  const valid = (schema: JsonSchema, name: string): unknown => {
    const found = resolve(schema);
    if (found.const !== undefined) return found.const;
    if (found.enum) return found.enum[0];
    if (found.examples) return found.examples[0];
    if (found.properties) return requiredFields(found);
    if (found.type === "array") return typeof found.items === "object" ? [valid(found.items, name)] : [];
    if (found.type === "boolean") return true;
    if (found.type === "integer" || found.type === "number") return Math.max(1, found.minimum ?? 1);
    if (found.format === "uuid") return name === "provider_id" ? target.provider : target.organization;
    return "1";
  };
  const result = put(root, input, path);
  if (!isRecord(result)) throw new Error("the input is not an object");
  return result;
}

type Document = { root: JsonSchema; resolve: (schema: JsonSchema) => JsonSchema };

const documents = new Map<Operation, Document>();

function documentOf(operation: Operation): Document {
  const document = documents.get(operation) ?? writeDocument(operation);
  documents.set(operation, document);
  return document;
}

function writeDocument({ input }: Operation): Document {
  const root: JsonSchema = JSON.parse(
    JSON.stringify(z.toJSONSchema(input, { io: "input", unrepresentable: "any" })),
  );
  /** The schema itself: not a reference to it, and of "this or null" this. */
  const resolve = (schema: JsonSchema): JsonSchema => {
    const name = schema.$ref?.split("/").at(-1);
    if (name !== undefined) return resolve(root.$defs?.[name] ?? {});
    const options = schema.anyOf ?? schema.oneOf ?? schema.allOf;
    const first = options?.find((option) => option.type !== "null");
    if (first !== undefined) return resolve(first);
    const types = schema.override?.anyOf ?? [];
    if (types.length === 0) return schema;
    return { ...schema, properties: Object.assign({}, ...types.map(({ properties }) => properties)) };
  };
  return { root, resolve };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
