import type { Block, Tool, Turn } from "./turn";
import { closingBytes } from "./wires/closed-schema";
import { isWrapped, objectSchemaBytes } from "./wires/function-tools";

/** `<system>` and its end, around what the system says within the conversation. */
const AROUND_SYSTEM = Buffer.byteLength("<system></system>");
/** Before a result that is an error. */
const ERROR = Buffer.byteLength("Error: ");
/** A turn of the user where a wire requires one. */
const CONTINUE = Buffer.byteLength("Continue.");
/** Tokens, not bytes, of a custom tool's schema as a function and of what introduces its grammar (wires/function-tools.ts). */
const CUSTOM_TOOL = 64;
/** `{"input":` and its end, around the text of a call. */
const AROUND_INPUT = Buffer.byteLength('{"input":}');

/**
 * The most bytes that a wire writes into a request beyond what the client has written, and that the provider bills: the
 * hold covers them, each as a token.
 */
export function ownBytes({ messages, tools, format }: Turn): number {
  let bytes = CONTINUE + closingBytes({ format, tools });
  for (const { role, blocks } of messages)
    for (const block of blocks) bytes += role === "system" ? AROUND_SYSTEM : ownIn(block);
  for (const tool of tools) bytes += ownInTool(tool);
  return bytes;
}

function ownIn(block: Block): number {
  if (block.kind === "result") return block.isError ? ERROR : 0;
  if (block.kind !== "call" || !isWrapped(block)) return 0;
  return AROUND_INPUT + Buffer.byteLength(JSON.stringify(block.args)) - Buffer.byteLength(block.args);
}

/** Its name may stand for a description that a wire requires. */
const ownInTool = (tool: Tool): number =>
  (tool.description === null ? Buffer.byteLength(tool.name) : 0) +
  objectSchemaBytes(tool) +
  (tool.custom === null ? 0 : CUSTOM_TOOL);
