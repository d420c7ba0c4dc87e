import type { Tool, Turn } from "#lib/translation/turn";
import { namesIn } from "#lib/translation/wires/tool-names";

/** What a tool takes besides its name: `{"name":"…","input_schema":{"type":"object","properties":{}}}`. */
const AROUND_NAME = 64;
/** The most tokens of the instructions for tools, which a provider adds (platform.claude.com/docs/en/agents-and-tools/tool-use/overview). */
const INSTRUCTIONS = 1_000;

/** The tools that were called earlier, where the request has none of its own. */
function calledNames(turn: Turn): ReadonlySet<string> {
  return turn.tools.length > 0 ? new Set() : new Set(namesIn(turn));
}

/**
 * A request with the tools that were called earlier, none of which may be called again: calls and results are rejected in a
 * request that defines no tools (github.com/anthropics/anthropic-sdk-python/issues/494).
 */
export function withCalledTools(turn: Turn): Turn {
  const names = calledNames(turn);
  if (names.size === 0) return turn;
  return {
    ...turn,
    tools: [...names].map(calledTool),
    toolChoice: { value: { kind: "none" }, at: "tool_choice" },
    parallelCalls: null,
  };
}

const calledTool = (name: string): Tool => ({
  name,
  description: null,
  schema: null,
  strict: null,
  strictAt: "",
  custom: null,
  cache: null,
  at: "",
});

/** The most that these add to a request. */
export function calledToolsBytes(turn: Turn): number {
  const names = calledNames(turn);
  if (names.size === 0) return 0;
  let bytes = INSTRUCTIONS;
  for (const name of names) bytes += AROUND_NAME + Buffer.byteLength(name);
  return bytes;
}
