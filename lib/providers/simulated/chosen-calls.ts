import { z } from "zod";
import { askedCalls, namesOf, type ToolCall } from "./asked-calls";

const Named = z.looseObject({ name: z.string() });
/** A choice of a tool, in any of the dialects. */
const Choice = z.looseObject({
  type: z.string().optional(),
  mode: z.string().optional(),
  name: z.string().optional(),
  function: Named.optional().catch(undefined),
  allowed_tools: z.looseObject({ mode: z.string().optional() }).optional().catch(undefined),
});

type Chosen = "auto" | "none" | "any" | { name: string };

function chosen(choice: unknown): Chosen {
  if (choice === "none") return "none";
  if (choice === "required" || choice === "any") return "any";
  const given = Choice.safeParse(choice).data;
  if (given === undefined) return "auto";
  const name = given.function?.name ?? given.name;
  if (name !== undefined) return { name };
  if (given.type === "none" || given.type === "any") return given.type;
  return (given.allowed_tools?.mode ?? given.mode) === "required" ? "any" : "auto";
}

/**
 * The calls of an answer: those that the user asks for, and one that is made up where a tool must be used.
 * @param type what the dialect calls a function among its tools
 */
export function callsFor(
  said: readonly unknown[],
  tools: readonly unknown[],
  type: "function" | "custom",
  toolChoice: unknown,
): readonly ToolCall[] {
  const choice = chosen(toolChoice);
  if (choice === "none") return [];
  const offered = namesOf(tools, type);
  const asked = askedCalls(said, offered);
  if (choice === "auto") return asked;
  const [first] = offered;
  const name = choice === "any" ? first : choice.name;
  if (name === undefined || !offered.has(name)) return [];
  const fitting = choice === "any" ? asked : asked.filter((call) => call.name === name);
  return fitting.length > 0 ? fitting : [{ name, argumentsJson: JSON.stringify(argumentsOf(tools, name)) }];
}

const Defined = z.looseObject({
  name: z.string(),
  parameters: z.unknown().optional(),
  input_schema: z.unknown().optional(),
});

/** Arguments that a tool's schema requires, empty as far as it allows that. */
function argumentsOf(tools: readonly unknown[], name: string): unknown {
  for (const tool of tools) {
    const inner = z.looseObject({ function: z.unknown().optional() }).safeParse(tool).data?.function;
    const defined = Defined.safeParse(inner ?? tool).data;
    if (defined?.name === name) return leastOf(defined.parameters ?? defined.input_schema, 0);
  }
  return {};
}

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).min(1).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});
const MOST_DEPTH = 8;
const EMPTY: Readonly<Record<string, unknown>> = {
  string: "",
  number: 0,
  integer: 0,
  boolean: false,
  array: [],
  null: null,
};

function leastOf(given: unknown, depth: number): unknown {
  const schema = Schema.safeParse(given).data;
  if (schema === undefined || depth > MOST_DEPTH) return {};
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = typeof schema.type === "object" ? schema.type[0] : schema.type;
  if (type !== undefined && Object.hasOwn(EMPTY, type)) return EMPTY[type];
  const required = schema.required ?? [];
  return Object.fromEntries(required.map((name) => [name, leastOf(schema.properties?.[name], depth + 1)]));
}
