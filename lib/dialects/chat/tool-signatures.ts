import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/**
 * What templates write of tools besides their JSON: Granite's and Hermes's have a signature with the names of the tool
 * and its parameters, and a line for each parameter with its name and description
 * (github.com/vllm-project/vllm, examples/tool_chat_template_hermes.jinja).
 */
export function toolSignatures({ tools, functions }: JsonObject): readonly string[] {
  const texts: string[] = [];
  for (const list of [tools, functions]) {
    if (Array.isArray(list)) for (const tool of list) addSignature(texts, tool);
  }
  return texts;
}

function addSignature(texts: string[], tool: unknown): void {
  const definition = isObject(tool) && isObject(tool.function) ? tool.function : tool;
  if (!isObject(definition)) return;
  addText(texts, definition.name);
  const { parameters } = definition;
  if (!isObject(parameters) || !isObject(parameters.properties)) return;
  for (const [name, field] of Object.entries(parameters.properties)) {
    texts.push(name, name);
    if (isObject(field)) addText(texts, field.description);
  }
}

/** What is no text is written as one. */
function addText(texts: string[], value: unknown): void {
  if (value !== undefined) texts.push(typeof value === "string" ? value : JSON.stringify(value));
}
