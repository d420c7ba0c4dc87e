import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { BodyTools } from "./cut-tools";

/** The lists of tools in a body: its own, and those that items have. */
export function toolLists({ tools }: JsonObject, items: readonly JsonObject[]): BodyTools[] {
  const lists: BodyTools[] = Array.isArray(tools) ? [{ param: "tools", tools, item: null }] : [];
  for (const [item, { tools: given }] of items.entries()) {
    if (Array.isArray(given)) lists.push({ param: `input[${item}].tools`, tools: given, item });
  }
  return lists;
}
