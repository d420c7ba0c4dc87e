import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

// What templates write of tools besides their JSON. Granite's and Hermes's have a signature with the names of the tool and
// its parameters, and a line for each parameter with its name, type and description; MiniCPM3's writes classes
// (github.com/vllm-project/vllm, examples/tool_chat_template_hermes.jinja and …_minicpm3.jinja).

const NONE: readonly string[] = [];

/** Texts of tools that are written once more. */
export function toolSignatures({ tools, functions }: JsonObject): readonly string[] {
  if (tools === undefined && functions === undefined) return NONE;
  const texts: string[] = [];

  /** @param isOutermost whether its fields are the parameters themselves */
  function addSchema(schema: unknown, isOutermost: boolean): void {
    if (Array.isArray(schema)) for (const element of schema) addSchema(element, false);
    if (!isObject(schema)) return;
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
  }
  return texts;
}

/** What is no text is written as one. */
function addText(texts: string[], value: unknown): void {
  if (value !== undefined) texts.push(typeof value === "string" ? value : JSON.stringify(value));
}
