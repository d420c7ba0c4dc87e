import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, Tool, Turn } from "#lib/translation/turn";

/** What within a schema is a schema, a list of schemas, or schemas by their names. */
const INNER = ["items", "anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED = ["properties", "$defs", "definitions"];

/**
 * A schema whose objects have no properties but those that it names, where it does not say: Claude can be bound to no other
 * (platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations). What fits it fits the client's, too.
 */
export function closedSchema(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).map(([name, value]): [string, unknown] => {
    if (INNER.includes(name)) return [name, closedIn(value)];
    return [name, NAMED.includes(name) ? closedByName(value) : value];
  });
  const isOpen = isObject(schema.properties) && schema.additionalProperties === undefined;
  return { ...Object.fromEntries(entries), ...(isOpen ? { additionalProperties: false } : {}) };
}

function closedIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedIn);
  return isObject(value) ? closedSchema(value) : value;
}

const closedByName = (schemas: unknown): unknown =>
  isObject(schemas)
    ? Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closedIn(schema)]))
    : schemas;

/** The schema of a tool's arguments, as it is sent: a strict tool is bound to it. */
export const boundSchema = (schema: JsonObject, { strict }: Tool, canBeBound: boolean): JsonObject =>
  strict === true && canBeBound ? closedSchema(schema) : schema;

/** The schema of an answer with what the client says about it, where a wire has no other place for that. */
export const describedSchema = ({
  schema,
  description,
}: Extract<AnswerFormat, { kind: "schema" }>): JsonObject =>
  description === null || schema.description !== undefined ? schema : { ...schema, description };

/** The bytes that closing adds to a request. */
export function closingBytes({ format, tools }: Pick<Turn, "format" | "tools">): number {
  const answer = format?.value.kind === "schema" ? addedTo(format.value.schema) : 0;
  return tools.reduce((bytes, tool) => bytes + addedToTool(tool), answer);
}

const addedToTool = ({ strict, schema }: Tool): number =>
  strict === true ? addedTo({ properties: {}, ...schema }) : 0;

const addedTo = (schema: JsonObject): number =>
  JSON.stringify(closedSchema(schema)).length - JSON.stringify(schema).length;
