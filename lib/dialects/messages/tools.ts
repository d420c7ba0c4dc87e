import { unsupported } from "#lib/dialects/bounds/param-of";
import { RUN_BY_NAME, rejectToolFields } from "#lib/dialects/conversation/unsupported";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { APART, whyApart } from "#lib/dialects/searches";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { MessagesFields } from "./fields";
import { givenBound, isDirectSearch } from "./searches";

/**
 * Tools that the client runs: its own, and those that Anthropic defines
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/overview). All others run at the provider, which bills them
 * apart from tokens, or reads and generates more for them than the request shows.
 */
const RUN_BY_CLIENT =
  /^(?:custom|(?:bash|text_editor|computer|memory|computer_toolset|browser_toolset)_\d{8})$/;
/** One tool that stands for several, each with a name of its own; it has none. */
const TOOLSET = /^(?:computer|browser)_toolset_/;

/** A versioned tool wherever one may be named, and those that Anthropic names without a version. */
const VERSIONED = /_\d{8}$/;
const HOSTED = /^(?:web_search|web_fetch|code_execution|advisor|mcp_toolset|tool_search_tool_\w+)$/;
/** Where blocks have tools: by reference, or defined within. */
const OF_TOOL = new Set<unknown>(["tool_reference", "tool_definition"]);

/** What Anthropic writes for a tool that it defines: up to 735 tokens. */
const BYTES_OF_DEFINED_TOOL = 1_500;
/**
 * And for a toolset: about 4 500 tokens for a computer, 6 600 for a browser, and more with the members that are off by
 * default (platform.claude.com/docs/en/about-claude/pricing).
 */
const BYTES_OF_TOOLSET = 15_000;
/** A short question with a search is 2 037 tokens (vercel/ai, anthropic-web-search-tool fixture). */
const BYTES_OF_SEARCH = 4_000;

/**
 * What it documents for each: the definition, and for a computer a system prompt besides
 * (platform.claude.com/docs/en/agents-and-tools/tool-use). For its memory it names no figure.
 */
const LIKELY_TOKENS: readonly (readonly [type: RegExp, tokens: number])[] = [
  // Both with the prompt for tools, of some 350 tokens, that is counted besides.
  [/^computer_toolset/, 4_500 - 350],
  [/^browser_toolset/, 6_600 - 350],
  [/^bash/, 245],
  [/^text_editor/, 700],
  [/^computer/, 735 + 480],
  [/^memory/, 300],
];

type Tool = NonNullable<MessagesFields["tools"]>[number];

/** Whether the provider runs a tool, as its definition says. */
const isHosted = ({ type }: { type?: unknown }): boolean =>
  typeof type === "string" && !RUN_BY_CLIENT.test(type);
const isDefined = ({ type }: { type?: unknown }): boolean =>
  typeof type === "string" && type !== "custom" && !isHosted({ type });

const isToolset = ({ type }: { type?: unknown }): boolean => typeof type === "string" && TOOLSET.test(type);

/** What the definitions of Anthropic's own tools may add to the prompt. */
export const definedToolBytes = (tools: readonly JsonObject[]): number =>
  tools.filter(isDefined).reduce((sum, tool) => sum + bytesOfDefined(tool), 0) +
  tools.filter(isDirectSearch).length * BYTES_OF_SEARCH;

const bytesOfDefined = (tool: JsonObject): number =>
  isToolset(tool) ? BYTES_OF_TOOLSET : BYTES_OF_DEFINED_TOOL;

/**
 * Whether a value within a block or a tool is one that the provider runs, or one whose prompt is not counted there.
 * @param field where the value is: what is in a tool's place is one, of whatever type, and elsewhere most are blocks
 */
export function isHostedWithin({ type }: JsonObject, field: string): boolean {
  if (typeof type !== "string") return false;
  if (isToolset({ type })) return true;
  if (!isHosted({ type }) || field === "caller") return false;
  if (field === "definition" || field === "definitions") return true;
  if (field === "tool") return !OF_TOOL.has(type);
  return VERSIONED.test(type) || HOSTED.test(type);
}

/** What a tool takes, or a call gives it: in there are any values, and none names a tool. */
export const isOfInput = (field: string): boolean => OF_INPUT.test(field);
const OF_INPUT = /schema$|^input$|^input_examples$|^parameters$/i;

/** Where in a tool another is that the provider runs; null without one. */
function hostedIn(value: unknown, at: string, field: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (isObject(value) && isHostedWithin(value, field)) return `${at}.type`;
  for (const [name, inner] of Object.entries(value)) {
    if (isOfInput(name)) continue;
    const found = Array.isArray(value)
      ? hostedIn(inner, `${at}[${name}]`, field)
      : hostedIn(inner, `${at}.${name.slice(0, 100)}`, name);
    if (found !== null) return found;
  }
  return null;
}

/** A search that may stay. */
type OfferedSearch = {
  at: number;
  /** The client's own bound; null without one. */
  given: number | null;
  /** Whether nothing is left to do without it. */
  isDemanded: boolean;
};
/** The places of the tools to leave out, and the search among the others. */
export type JudgedTools = { places: ReadonlySet<number>; search: OfferedSearch | null };

/** What they likely add to it. */
export const likelyDefinedToolTokens = (tools: readonly Tool[]): number =>
  tools
    .filter(isDefined)
    .reduce((sum, { type }) => sum + (LIKELY_TOKENS.find(([known]) => known.test(type ?? ""))?.[1] ?? 0), 0);

/**
 * Checks the tools, and finds those to leave out: a hosted tool beside others, of which the model is free to use none.
 * @param maySearch whether a search may stay, the first if there are several
 * @throws ApiError unsupported_parameter for a hosted tool that the model must use or that is the only one,
 * invalid_request for a tool without a name
 */
export function judgeTools(
  { tools: given, tool_choice: choice }: MessagesFields,
  maySearch: boolean,
): JudgedTools {
  const tools = given ?? [];
  const searchAt = maySearch ? tools.findIndex(isDirectSearch) : -1;
  const hosted = new Set<number>();
  for (const [at, tool] of tools.entries()) {
    if (at === searchAt) continue;
    if (isHosted(tool)) hosted.add(at);
    else if (!tool.name && !isToolset(tool)) throw invalidField(`tools[${at}].name`, "must be given");
    else {
      // A cache of an hour has a price in this dialect.
      const { cache_control: _, ...rest } = tool;
      rejectToolFields(`tools[${at}]`, rest);
      const { type: _type, ...settings } = rest;
      const within = hostedIn(settings, `tools[${at}]`, "");
      if (within !== null) throw unsupported(within, APART);
      // LiteLLM takes it for its own search; a client's tool of this name has a schema.
      if (tool.name === "WebSearch" && tool.input_schema === undefined)
        throw unsupported(`tools[${at}].name`, RUN_BY_NAME);
    }
  }
  const [first] = hosted;
  if (first !== undefined && (hosted.size === tools.length || isForced(choice, hosted, tools)))
    throw unsupported(`tools[${first}].type`, whyApart(tools[first]?.type, maySearch));
  const search = tools[searchAt];
  if (search === undefined) return { places: hosted, search: null };
  const isDemanded = hosted.size + 1 === tools.length || isForced(choice, new Set([searchAt]), tools);
  return { places: hosted, search: { at: searchAt, given: givenBound(search), isDemanded } };
}

/**
 * Where a tool of the client's own is that LiteLLM takes for a search, whatever its schema: one of this name that has a
 * type (litellm/integrations/websearch_interception/tools.py). Anthropic leaves it to the client.
 */
export function searchByProxy(tools: readonly Tool[]): string | null {
  const at = tools.findIndex((tool) => tool.name === "web_search" && Boolean(tool.type) && !isHosted(tool));
  return at === -1 ? null : `tools[${at}].name`;
}

/** Whether one of these tools must be used, or may have to be. */
function isForced(
  choice: MessagesFields["tool_choice"],
  places: ReadonlySet<number>,
  tools: readonly Tool[],
): boolean {
  if (choice?.type === "any") return true;
  return choice?.type === "tool" && tools.some((tool, at) => places.has(at) && tool.name === choice.name);
}
