import { isText } from "#lib/dialects/conversation/fault";
import type { JsonObject } from "#lib/dialects/text/json-fields";

/**
 * What an item of the input becomes in a chat, as servers make one of it for their templates: a message, a call, the
 * result of one, a picture that a model has made, or settings and tools, which are no message.
 * `unbounded`: nothing in it bounds what the provider reads for it.
 */
export type ItemKind =
  | "message"
  | "reasoning"
  | "call"
  | "result"
  | "tools"
  | "settings"
  | "picture"
  | "unbounded"
  | "stored";

/** The kinds of items, by their types (developers.openai.com/api/reference/resources/responses). */
const KINDS: ReadonlyMap<string, ItemKind> = new Map([
  ["message", "message"],
  ["reasoning", "reasoning"],
  ["function_call", "call"],
  ["custom_tool_call", "call"],
  ["local_shell_call", "call"],
  ["shell_call", "call"],
  ["apply_patch_call", "call"],
  ["tool_search_call", "call"],
  ["function_call_output", "result"],
  ["custom_tool_call_output", "result"],
  ["local_shell_call_output", "result"],
  ["shell_call_output", "result"],
  ["apply_patch_call_output", "result"],
  ["tool_search_output", "tools"],
  ["additional_tools", "tools"],
  ["configuration_update", "settings"],
  // What it stands for may be longer than it is, and so may what it makes of the rest.
  ["compaction", "unbounded"],
  ["compaction_summary", "unbounded"],
  ["context_compaction", "unbounded"],
  ["compaction_trigger", "unbounded"],
  ["item_reference", "stored"],
  // Their ids alone name a picture or a call that the provider has kept.
  ["image_generation_call", "stored"],
  ["mcp_approval_response", "stored"],
]);

/** The kind of an item. One without a type is a message if it has a role, else a reference to a stored one. */
export function kindOf(item: JsonObject): ItemKind {
  const { type } = item;
  if (type === undefined || type === null) return typeof item.role === "string" ? "message" : "stored";
  if (type === "reasoning") return kindOfReasoning(item);
  if (type === "image_generation_call" && isText(item.result)) return "picture";
  return (typeof type === "string" ? KINDS.get(type) : undefined) ?? "unbounded";
}

/**
 * Without its content, encrypted or not, reasoning is looked up by its id: OpenAI says "Item with id 'rs_…' not found" for
 * what it has not stored.
 */
function kindOfReasoning({ id, encrypted_content: encrypted, content, summary }: JsonObject): ItemKind {
  if (!isText(id) || isText(encrypted) || hasElements(content)) return "reasoning";
  return hasElements(summary) ? "unbounded" : "stored";
}

const hasElements = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
