import { z } from "zod";
import { parametersOf } from "#lib/admin-api/find-operation";
import type { Operation } from "#lib/admin-api/operation";
import { commandNames } from "#lib/cli/derived/command-names";
import type { DerivedField, DerivedOperation } from "#lib/cli/derived/derived-operation";

/** As much of JSON Schema as the fields of the API need. */
type Schema = {
  $defs?: Readonly<Record<string, Schema>>;
  type?: string | readonly string[];
  anyOf?: readonly Schema[];
  enum?: readonly unknown[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  description?: string;
};

/** What a pages' query has; the commands add them to every list. */
const PAGING = new Set(["limit", "cursor", "format"]);

/** Describes the command of an operation, from the schema that parses its requests. */
export function describe(operation: Operation): DerivedOperation {
  const { method, path, summary, input } = operation;
  const parameters = new Set(parametersOf(path));
  const isObject = input instanceof z.ZodObject;
  const schema = isObject
    ? withoutReferences(z.toJSONSchema(input, { io: "input", unrepresentable: "any" }))
    : {};
  const fields = fieldsOf(schema).filter(({ name }) => !parameters.has(name));
  const isList = fields.some(({ name }) => name === "cursor");
  return {
    method,
    path,
    ...commandNames(method, path),
    summary,
    fields: fields.filter(({ name }) => !PAGING.has(name)),
    ...(isObject ? {} : { takesFile: true }),
    ...(isList ? { isList } : {}),
  };
}

/** Puts what schemas refer to, like `#/$defs/Budget`, in its place. */
function withoutReferences(root: object): Schema {
  const { $defs = {} }: Schema = JSON.parse(JSON.stringify(root));
  const inPlace = (_name: string, value: unknown): unknown => {
    const [, name = ""] = /^#\/\$defs\/(.*)$/.exec(Object(value).$ref ?? "") ?? [];
    const { [name]: found } = $defs;
    return found === undefined ? value : JSON.parse(JSON.stringify(found), inPlace);
  };
  return JSON.parse(JSON.stringify(root), inPlace);
}

function fieldsOf(schema: Schema, prefix = ""): DerivedField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const parts = prefix === "" ? fieldsOf(objectIn(field), `${name}.`) : [];
    // An object may be given by its parts.
    const required = prefix === "" && parts.length === 0 && (schema.required ?? []).includes(name);
    return [fieldOf(prefix + name, field, required), ...parts.filter(({ kind }) => kind !== "json")];
  });
}

function fieldOf(name: string, schema: Schema, required: boolean): DerivedField {
  const one = (schema.anyOf ?? []).find(({ type }) => type !== "null") ?? schema;
  const description = schema.description ?? one.description;
  return {
    name,
    kind: kindOf(one),
    ...(one.enum === undefined ? {} : { choices: one.enum.map(String) }),
    ...(required ? { required } : {}),
    ...(description === undefined ? {} : { description: firstSentence(description) }),
  };
}

function kindOf({ type, items }: Schema): DerivedField["kind"] {
  if (type === "string") return "text";
  if (type === "number" || type === "integer") return "number";
  if (type === "boolean") return "boolean";
  return type === "array" && items?.type === "string" ? "texts" : "json";
}

const objectIn = (schema: Schema): Schema =>
  (schema.anyOf ?? []).find(({ properties }) => properties !== undefined) ?? schema;

/** Help has one line for an option. */
const firstSentence = (text: string) =>
  (/^.*?[.:](?= |$)/s.exec(text)?.[0] ?? text).replace(/[.:]$/, "").replaceAll("`", "");
