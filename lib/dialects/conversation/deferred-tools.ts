import { withoutPath } from "#lib/dialects/text/cut-path";
import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { elementSpans } from "#lib/dialects/text/list-elements";

/** Anthropic's search, which finds the tools whose definitions are deferred. */
const TOOL_SEARCH = /^tool_search_tool_/;
const DEFERRED = "defer_loading";

/** Whether a tool finds others that are deferred: without it, Anthropic rejects them or the model never sees them. */
export const findsDeferred = ({ type }: { type?: unknown }): boolean =>
  typeof type === "string" && TOOL_SEARCH.test(type);

/** Whether the definition of a tool is left out until it is found. */
export const isDeferred = (tool: object): boolean => DEFERRED in tool && tool[DEFERRED] === true;

/** What names that a tool is no longer deferred. */
export const paramOfDeferral = (place: number): string => `tools[${place}].${DEFERRED}`;

/** A tool as one that is not. */
export function loaded<Tool extends object>(tool: Tool): Tool {
  const copy = { ...tool };
  Reflect.deleteProperty(copy, DEFERRED);
  return copy;
}

/** A body's text with all tools loaded. */
export function withToolsLoaded(json: string, tools: FieldSpan): string {
  let text = "";
  let from = 0;
  for (const { start, end } of elementSpans(json, tools.start)) {
    const tool = json.slice(start, end);
    if (!tool.startsWith("{")) continue;
    text += json.slice(from, start) + (withoutPath(tool, [DEFERRED]) ?? tool);
    from = end;
  }
  return text + json.slice(from);
}
