import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

// What templates write of tools besides their JSON. Granite's and Hermes's have a signature with the names of the tool and
// its parameters, and a line for each parameter with its name, type and description; MiniCPM3's writes classes
// (github.com/vllm-project/vllm, examples/tool_chat_template_hermes.jinja and …_minicpm3.jinja).

/** The types that they translate; each character of any other counts as a type of its own. */
const TYPES: ReadonlySet<unknown> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "null",
]);
/** `Any, ` in the signature and in the parameter's line. */
const BYTES_PER_TYPE = 10;

export type ToolSignatures = {
  /** Texts that are written once more. */
  texts: readonly string[];
  /** What the types of parameters may grow by. */
  typeBytes: number;
};

export function toolSignatures({ tools, functions }: JsonObject): ToolSignatures {
  const texts: string[] = [];
  let typeCharacters = 0;

  /** @param isOutermost whether its fields are the parameters themselves */
  function addSchema(schema: unknown, isOutermost: boolean): void {
    if (Array.isArray(schema)) for (const element of schema) addSchema(element, false);
    if (!isObject(schema)) return;
    typeCharacters += charactersOfTypes(schema.type);
    for (const key of Object.keys(schema)) {
      const inner = schema[key];
      if (typeof inner !== "object") continue;
      if (key !== "properties" || !isObject(inner)) addSchema(inner, false);
      else for (const name of Object.keys(inner)) addParameter(name, inner[name], isOutermost);
    }
  }

  function addParameter(name: string, field: unknown, isOutermost: boolean): void {
    texts.push(name);
    if (isOutermost) {
      texts.push(name);
      if (isObject(field)) for (const text of [field.description, field.default]) addText(texts, text);
    }
    addSchema(field, false);
  }

  for (const tool of [tools, functions].flat()) {
    const definition = isObject(tool) && isObject(tool.function) ? tool.function : tool;
    if (!isObject(definition)) continue;
    addText(texts, definition.name);
    addSchema(definition.parameters, true);
    addSchema(definition.return, false);
  }
  return { texts, typeBytes: typeCharacters * BYTES_PER_TYPE };
}

/** In the templates' language a text is a list of its characters. */
function charactersOfTypes(type: unknown): number {
  if (typeof type === "string") return TYPES.has(type) ? 0 : type.length;
  if (!Array.isArray(type)) return 0;
  return type.reduce((sum: number, each) => sum + charactersOfTypes(each), 0);
}

/** What is no text is written as one. */
function addText(texts: string[], value: unknown): void {
  if (value !== undefined) texts.push(typeof value === "string" ? value : JSON.stringify(value));
}
