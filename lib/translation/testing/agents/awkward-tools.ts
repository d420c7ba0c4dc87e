import type { JsonObject } from "#lib/dialects/text/json-fields";

/** Names as servers of the Model Context Protocol give them, and schemas that translators stumble over. */
export type AwkwardTool = { name: string; schema: JsonObject };

const marked = (mark: string, fields: JsonObject = {}) => ({ description: `mark_${mark}`, ...fields });

/** Each schema has marks at depth, which must reach the wire. Keywords are those of json-schema.org/draft/2020-12. */
export const AWKWARD_TOOLS: readonly AwkwardTool[] = [
  {
    name: "mcp__tree__insert",
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { root: { $ref: "#/$defs/node" } },
      $defs: {
        node: {
          type: "object",
          properties: { mark_child: { type: "array", items: { $ref: "#/$defs/node" } } },
          additionalProperties: false,
        },
      },
      required: ["root"],
    },
  },
  { name: "get_goal", schema: { type: "object", properties: {}, required: [], additionalProperties: false } },
  { name: "no_schema_at_all", schema: {} },
  { name: "no_properties", schema: { type: "object" } },
  { name: "union_at_root", schema: { anyOf: [{ required: ["mark_root"] }, { type: "object" }] } },
  {
    name: "enums_of_all_types",
    schema: {
      type: "object",
      properties: {
        mixed: { enum: ["mark_enum", 1, 1.5, true, null, { deep: "mark_enum_object" }, ["mark_enum_list"]] },
        constant: { const: "mark_const" },
        several: { type: ["string", "null"], default: "mark_default" },
      },
    },
  },
  {
    name: "unions",
    schema: {
      type: "object",
      properties: {
        one: { oneOf: [{ type: "string" }, marked("one_of", { type: "number" })] },
        any: { anyOf: [{ type: "null" }, { allOf: [{ type: "object" }, marked("all_of")] }] },
        none: { not: { const: "mark_not" } },
        branch: { if: { type: "string" }, else: marked("else") },
      },
    },
  },
  {
    name: "open_objects",
    schema: {
      type: "object",
      patternProperties: { "^mark_[a-z]+\\d*$": { type: "string", pattern: "^[\\w./-]+\\s?$" } },
      propertyNames: { maxLength: 40 },
      additionalProperties: marked("additional", { type: "integer", minimum: 0, exclusiveMaximum: 10 }),
      dependentRequired: { one: ["other"] },
    },
  },
  {
    name: "named_like_keywords",
    schema: {
      type: "object",
      properties: {
        type: { type: "string", description: "mark_type" },
        properties: { type: "object", properties: { required: marked("required", { type: "boolean" }) } },
        $ref: { type: "string", description: "mark_ref" },
        enum: { type: "array", items: { type: "string", enum: ["mark_item"] } },
        "größe 寸": { type: "number", description: "mark_unicode" },
      },
      required: ["type", "$ref"],
    },
  },
  {
    name: "lists-and-switches",
    schema: {
      title: "mark_title",
      type: "object",
      properties: {
        pair: { type: "array", prefixItems: [{ type: "string" }, marked("second")], items: false },
        anything: true,
        when: { type: "string", format: "date-time", examples: ["mark_example"], deprecated: true },
        nested: { type: "array", items: { type: "array", items: { type: "array", items: marked("deep") } } },
      },
    },
  },
  {
    name: `mcp__a-server-with-a-rather-long-name__${"and_a_tool_whose_name_is_long_too_".repeat(2)}`,
    schema: { type: "object", properties: { mark_long_name: { type: "string" } } },
  },
  { name: "files.search", schema: { type: "object", properties: { mark_dotted: { type: "string" } } } },
];
