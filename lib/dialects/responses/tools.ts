import { unsupported } from "#lib/dialects/bounds/param-of";
import { rejectToolFields } from "#lib/dialects/conversation/unsupported";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { APART, whyApart } from "#lib/dialects/searches";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

const isMissing = (value: unknown) => value === undefined || value === null;

/**
 * Tools that the client runs, and how that is known (developers.openai.com/api/docs/guides/tools). All others run at
 * the provider, which bills them apart from tokens, or reads and generates more for them than the request shows.
 */
const RUN_BY_CLIENT: ReadonlyMap<string, (tool: JsonObject) => boolean> = new Map<
  string,
  (tool: JsonObject) => boolean
>([
  ["function", () => true],
  ["custom", () => true],
  ["namespace", () => true],
  ["apply_patch", () => true],
  ["local_shell", () => true],
  [
    "shell",
    ({ environment }) => isMissing(environment) || (isObject(environment) && environment.type === "local"),
  ],
  ["tool_search", ({ execution }) => execution === "client"],
]);

/**
 * What OpenAI writes for a tool that the client runs and OpenAI defines. It names no figure, but bills the tokens of its
 * tools as others (developers.openai.com/api/docs/pricing); Anthropic's for a shell and an editor are 245 and 700.
 */
const TOKENS_OF_DEFINED_TOOL = 1_500;
const LIKELY_TOKENS_OF_DEFINED_TOOL = 250;
const DEFINED: ReadonlySet<unknown> = new Set(["apply_patch", "local_shell", "shell", "tool_search"]);
/** It says more of how to search and cite than of other tools. */
const TOKENS_OF_SEARCH = 6_000;

/** The most that the definitions of OpenAI's own tools may add to the prompt; each byte may be a token. */
export const definedToolTokens = (tools: readonly JsonObject[]): number =>
  definedTools(tools) * TOKENS_OF_DEFINED_TOOL + (tools.some(isSearch) ? TOKENS_OF_SEARCH : 0);

/** What they likely add to it. */
export const likelyDefinedToolTokens = (tools: readonly JsonObject[]): number =>
  definedTools(tools) * LIKELY_TOKENS_OF_DEFINED_TOOL;

const definedTools = (tools: readonly JsonObject[]): number =>
  tools.filter(({ type }) => DEFINED.has(type)).length;

/** The preview has a price of its own with models that do not reason (developers.openai.com/api/docs/pricing). */
const SEARCHES: ReadonlySet<unknown> = new Set(["web_search", "web_search_2025_08_26"]);
const SEARCH_FIELDS: ReadonlySet<string> = new Set([
  "type",
  "filters",
  "user_location",
  "search_context_size",
  "search_content_types",
  "external_web_access",
]);

/** Whether a tool is a search of which all fields are known. */
const isSearch = (tool: JsonObject): boolean =>
  SEARCHES.has(tool.type) && Object.keys(tool).every((field) => SEARCH_FIELDS.has(field));

/** Choices of a tool, besides those that name one by its type. */
const FREE_CHOICES: ReadonlySet<unknown> = new Set([undefined, null, "auto", "none"]);
const MOST_NAMESPACES = 16;

const isHosted = (tool: JsonObject): boolean => {
  const isClients = typeof tool.type === "string" ? RUN_BY_CLIENT.get(tool.type) : undefined;
  return isClients === undefined || !isClients(tool);
};

/** A list of tools in a body: `tools`, or those of an item. */
export type ToolList = { param: string; tools: readonly unknown[] };

/** The tools of a body that may stay, and the places of those to leave out, by the list's place. */
export type JudgedTools = {
  tools: readonly JsonObject[];
  /** The first search among them, and whether nothing is left to do without it. */
  search: { param: string; isDemanded: boolean } | null;
  drops: readonly { list: number; places: ReadonlySet<number> }[];
  dropped: readonly string[];
};

/**
 * Checks the tools of a body, and finds those to leave out: a hosted tool beside others, of which the model is free to
 * use none.
 * @param maySearch whether searches may stay
 * @throws ApiError unsupported_parameter for a hosted tool that the model must use or that is the only one, or for a
 * field of a tool that would be billed apart; invalid_request for what is no tool
 */
export function judgeTools(lists: readonly ToolList[], choice: unknown, maySearch: boolean): JudgedTools {
  const tools: JsonObject[] = [];
  const searches: { param: string }[] = [];
  const drops: { list: number; places: ReadonlySet<number> }[] = [];
  const dropped: string[] = [];
  let firstType: unknown;
  for (const [list, { param, tools: given }] of lists.entries()) {
    const places = new Set<number>();
    for (const [place, tool] of given.entries()) {
      const at = `${param}[${place}]`;
      if (!isObject(tool)) throw invalidField(at, "must be an object");
      if (maySearch && isSearch(tool)) {
        searches.push({ param: `${at}.type` });
        tools.push(tool);
      } else if (isHosted(tool)) {
        if (dropped.length === 0) firstType = tool.type;
        places.add(place);
        dropped.push(at);
      } else addTools(tools, tool, at, 0);
    }
    if (places.size > 0) drops.push({ list, places });
  }
  const [search] = searches;
  rejectHostedChoice(choice, search !== undefined);
  const [first] = dropped;
  if (first !== undefined && (tools.length === 0 || choice === "required"))
    throw unsupported(`${first}.type`, whyApart(firstType, maySearch));
  const isDemanded = tools.length === searches.length || isForced(choice);
  return { tools, search: search === undefined ? null : { param: search.param, isDemanded }, drops, dropped };
}

/** Adds a tool that the client runs, or those of a namespace. */
function addTools(tools: JsonObject[], tool: JsonObject, at: string, depth: number): void {
  if (isHosted(tool)) throw unsupported(`${at}.type`, APART);
  rejectToolFields(at, tool);
  if (tool.type === "function" && isMissing(tool.name)) throw invalidField(`${at}.name`, "must be given");
  if (tool.type !== "namespace") {
    tools.push(tool);
    return;
  }
  if (!Array.isArray(tool.tools) || depth > MOST_NAMESPACES)
    throw invalidField(`${at}.tools`, "must be a list of tools");
  // Templates write the namespace, too.
  tools.push({ type: "function", name: tool.name, description: tool.description });
  for (const [place, inner] of tool.tools.entries()) {
    if (!isObject(inner)) throw invalidField(`${at}.tools[${place}]`, "must be an object");
    addTools(tools, inner, `${at}.tools[${place}]`, depth + 1);
  }
}

/** Whether a choice has a search used, or may have. */
const isForced = (choice: unknown): boolean =>
  choice === "required" || (isObject(choice) && namesSearch(choice));

const namesSearch = ({ type, tools }: JsonObject): boolean =>
  SEARCHES.has(type) ||
  (Array.isArray(tools) && tools.some((tool) => isObject(tool) && SEARCHES.has(tool.type)));

/** @throws ApiError unsupported_parameter for a choice that names a hosted tool, alone or among others */
function rejectHostedChoice(choice: unknown, hasSearch: boolean): void {
  const mayBeNamed = (named: JsonObject) => isNamedByClient(named) || (hasSearch && SEARCHES.has(named.type));
  if (!isObject(choice)) {
    if (!FREE_CHOICES.has(choice) && choice !== "required")
      throw invalidField("tool_choice", "must be auto, none, required, or an object that names a tool");
    return;
  }
  if (choice.type !== "allowed_tools") {
    if (!mayBeNamed(choice)) throw unsupported("tool_choice.type", whyApart(choice.type));
    return;
  }
  const allowed: readonly unknown[] = Array.isArray(choice.tools) ? choice.tools : [];
  for (const [place, tool] of allowed.entries()) {
    if (!isObject(tool) || !mayBeNamed(tool)) throw unsupported(`tool_choice.tools[${place}].type`, APART);
  }
}

/** A choice has a tool's type, and not what else it says. */
const isNamedByClient = ({ type }: JsonObject): boolean =>
  typeof type === "string" && RUN_BY_CLIENT.has(type);
