import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { blocksOf } from "./content";

type Definition = {
  bytes: number;
  /** Whether the prompt has it only where it is referred to. */
  isDeferred: boolean;
};

/**
 * Bytes of the definitions that references to tools bring into the prompt, besides each tool once. Anthropic puts the
 * whole definition where a conversation refers to a tool, throughout it
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool).
 */
export function referencedToolBytes(messages: readonly JsonObject[], tools: readonly JsonObject[]): number {
  const referred = new Map<unknown, number>();
  for (const message of messages) countIn(blocksOf(message), referred);
  if (referred.size === 0) return 0;
  const definitions = definitionsOf(tools, referred);
  let bytes = 0;
  for (const [name, times] of referred) {
    const definition = definitions.get(name);
    if (definition !== undefined) bytes += definition.bytes * (definition.isDeferred ? times - 1 : times);
  }
  return bytes;
}

function countIn(blocks: readonly unknown[], referred: Map<unknown, number>): void {
  for (const block of blocks) {
    if (!isObject(block)) continue;
    if (block.type === "tool_reference")
      referred.set(block.tool_name, (referred.get(block.tool_name) ?? 0) + 1);
    countIn(blocksOf(block), referred);
  }
}

/** Of several with one name, a server may take any. */
function definitionsOf(
  tools: readonly JsonObject[],
  referred: ReadonlyMap<unknown, number>,
): ReadonlyMap<unknown, Definition> {
  const definitions = new Map<unknown, Definition>();
  for (const tool of tools) {
    if (!referred.has(tool.name)) continue;
    const earlier = definitions.get(tool.name);
    definitions.set(tool.name, {
      bytes: Math.max(earlier?.bytes ?? 0, Buffer.byteLength(JSON.stringify(tool))),
      isDeferred: tool.defer_loading === true && earlier?.isDeferred !== false,
    });
  }
  return definitions;
}
