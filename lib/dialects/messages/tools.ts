import { unsupported } from "#lib/dialects/bounds/param-of";
import { rejectToolFields } from "#lib/dialects/conversation/unsupported";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import type { MessagesFields } from "./fields";

/**
 * Tools that the client runs: its own, and those that Anthropic defines
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/overview). All others run at the provider, which bills them
 * apart from tokens, or reads and generates more for them than the request shows.
 */
const RUN_BY_CLIENT = /^(?:custom|(bash|text_editor|computer|memory)_\d{8})$/;

/** What Anthropic writes for a tool that it defines: up to 735 tokens. */
const BYTES_OF_DEFINED_TOOL = 1_500;

/**
 * What it documents for each: the definition, and for a computer a system prompt besides
 * (platform.claude.com/docs/en/agents-and-tools/tool-use). For its memory it names no figure.
 */
const LIKELY_TOKENS: readonly (readonly [type: RegExp, tokens: number])[] = [
  [/^bash/, 245],
  [/^text_editor/, 700],
  [/^computer/, 735 + 480],
  [/^memory/, 300],
];

/** Why it is not supported. */
export const APART = "a provider's own tools are billed separately from tokens.";

type Tool = NonNullable<MessagesFields["tools"]>[number];

/** Whether the provider runs a tool, as its definition says. */
export const isHosted = ({ type }: { type?: unknown }): boolean =>
  typeof type === "string" && !RUN_BY_CLIENT.test(type);
const isDefined = ({ type }: Tool): boolean =>
  typeof type === "string" && type !== "custom" && !isHosted({ type });

/** What the definitions of Anthropic's own tools may add to the prompt. */
export const definedToolBytes = (tools: readonly Tool[]): number =>
  tools.filter(isDefined).length * BYTES_OF_DEFINED_TOOL;

/** What they likely add to it. */
export const likelyDefinedToolTokens = (tools: readonly Tool[]): number =>
  tools
    .filter(isDefined)
    .reduce((sum, { type }) => sum + (LIKELY_TOKENS.find(([known]) => known.test(type ?? ""))?.[1] ?? 0), 0);

/**
 * Checks the tools, and finds those to leave out: a hosted tool beside others, of which the model is free to use none.
 * @returns their places in the list
 * @throws ApiError unsupported_parameter for a hosted tool that the model must use or that is the only one,
 * invalid_request for a tool without a name
 */
export function toolsToDrop({ tools, tool_choice: choice }: MessagesFields): ReadonlySet<number> {
  const hosted = new Set<number>();
  for (const [at, tool] of (tools ?? []).entries()) {
    if (isHosted(tool)) hosted.add(at);
    else if (!tool.name) throw invalidField(`tools[${at}].name`, "must be given");
    else {
      // A cache of an hour has a price in this dialect.
      const { cache_control: _, ...rest } = tool;
      rejectToolFields(`tools[${at}]`, rest);
    }
  }
  const [first] = hosted;
  if (first === undefined) return hosted;
  const isOnly = hosted.size === tools?.length;
  const isForced =
    choice?.type === "any" || (choice?.type === "tool" && isNamed(choice.name, hosted, tools ?? []));
  if (isOnly || isForced) throw unsupported(`tools[${first}].type`, APART);
  return hosted;
}

const isNamed = (
  name: string | null | undefined,
  places: ReadonlySet<number>,
  tools: readonly Tool[],
): boolean => tools.some((tool, at) => places.has(at) && tool.name === name);
