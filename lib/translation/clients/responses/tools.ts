import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { cacheOf, longNameDemand, objectOf, objectsIn, textOf } from "#lib/translation/clients/given";
import {
  type Demand,
  type Given,
  LONGEST_TOOL_NAME,
  type Tool,
  type ToolChoice,
} from "#lib/translation/turn";

/** A list of tools and its place in the client's body. */
export type ToolList = { at: string; tools: unknown };

const AT_CHOICE = "tool_choice";

/** A tool's name as other wires take it, which have no namespaces. */
export const nameIn = (namespace: string | null, name: string): string =>
  namespace === null || namespace === "" ? name : `${namespace}__${name}`;

/** The tools that a client runs: those of namespaces among the others, OpenAI's own left out. */
export function decodeTools(lists: readonly ToolList[]): {
  tools: Tool[];
  offers: string[];
  demands: Demand[];
} {
  const tools: Tool[] = [];
  const names = new Set<string>();
  const offers: string[] = [];
  const demands: Demand[] = [];
  for (const { at, tools: list } of lists) addTools(list, at, null);
  return { tools, offers, demands };

  function addTools(list: unknown, at: string, namespace: string | null): void {
    for (const [index, tool] of objectsIn(list)) {
      const place = `${at}[${index}]`;
      if (tool.type === "namespace")
        addTools(tool.tools, `${place}.tools`, nameIn(namespace, textOf(tool.name) ?? ""));
      else if (tool.type === "function" || tool.type === "custom") addTool(tool, place, namespace);
      else offers.push(place);
    }
  }

  function addTool(tool: JsonObject, at: string, namespace: string | null): void {
    const name = nameIn(namespace, textOf(tool.name) ?? "");
    // The name of a namespace may be long, and each of its tools begins with it.
    if (name.length > LONGEST_TOOL_NAME) {
      demands.push(longNameDemand(at));
      return;
    }
    // A search may find a tool again.
    if (names.has(name)) return;
    names.add(name);
    const format = objectOf(tool.format);
    tools.push({
      name,
      description: textOf(tool.description),
      schema: objectOf(tool.parameters),
      strict: typeof tool.strict === "boolean" ? tool.strict : null,
      strictAt: `${at}.strict`,
      custom: tool.type === "custom" ? { grammar: textOf(format?.definition) } : null,
      ...(namespace === null || namespace === "" ? {} : { namespace }),
      cache: cacheOf(tool),
      at,
    });
  }
}

/** The tools that a choice allows, if it allows some of them alone. */
export const allowedIn = (choice: unknown): unknown =>
  isObject(choice) && choice.type === "allowed_tools" ? choice.tools : undefined;

/** The name of a tool in a choice, as other wires have it. */
export function namedIn({ name, namespace }: JsonObject): string | null {
  const own = textOf(name);
  return own === null ? null : nameIn(textOf(namespace), own);
}

/** What a body says about the use of its tools. */
export function choiceOf(choice: unknown): Given<ToolChoice> | null {
  if (choice === "auto" || choice === "none") return { value: { kind: choice }, at: AT_CHOICE };
  if (choice === "required") return { value: { kind: "any" }, at: AT_CHOICE };
  if (!isObject(choice)) return null;
  if (choice.type === "allowed_tools")
    return choice.mode === "required" ? { value: { kind: "any" }, at: AT_CHOICE } : null;
  const name = namedIn(choice);
  return name === null ? null : { value: { kind: "tool", name }, at: AT_CHOICE };
}
