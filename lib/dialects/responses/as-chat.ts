import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { kindOf } from "./item-types";

/** Notes that clients keep with an item, which no model reads. */
const NOTES = "internal_chat_message_metadata_passthrough";

/** What an item with a picture says of it, which no model reads. */
const ABOUT_PICTURES: ReadonlySet<string> = new Set([
  "type",
  "id",
  "status",
  "action",
  "background",
  "output_format",
  "quality",
  "size",
]);

/**
 * The items in the form that chat templates take: servers that serve this dialect for open models turn them into
 * that (vLLM, SGLang, LiteLLM). Fields that are not known stay, so that the walk over messages finds them. The parts of
 * a content are the items' own.
 */
export const asConversation = (items: readonly JsonObject[]): Conversation => ({
  field: "input",
  messages: items.map(asMessage),
});

/** An item as a message. */
export function asMessage({ [NOTES]: _, ...item }: JsonObject): JsonObject {
  switch (kindOf(item)) {
    case "call":
      return asCall(item);
    case "result": {
      const { type: _, output, call_id: id, ...rest } = item;
      return { ...rest, role: "tool", tool_call_id: id, content: output };
    }
    case "tools": {
      const { type: _, tools, execution: __, ...rest } = item;
      return { ...rest, metadata: tools };
    }
    case "picture": {
      const { result, revised_prompt: content, ...rest } = item;
      const others = Object.entries(rest).filter(([name]) => !ABOUT_PICTURES.has(name));
      return {
        ...Object.fromEntries(others),
        role: "assistant",
        content,
        images: [{ type: "image", data: result }],
      };
    }
    case "settings":
      return {};
    case "unbounded":
      // By its own type, some would count as a text.
      return { ...item, type: "unbounded" };
    default:
      return item;
  }
}

function asCall(item: JsonObject): JsonObject {
  const {
    type: _,
    call_id: id,
    name,
    namespace,
    arguments: given,
    input,
    action,
    operation,
    execution,
    ...rest
  } = item;
  const call = {
    name: name ?? null,
    title: namespace ?? null,
    arguments: given ?? input ?? action ?? operation ?? null,
  };
  return { ...rest, format: execution ?? null, role: "assistant", tool_calls: [{ id, function: call }] };
}

/** The items of a body that was checked. */
export function itemsOf({ input }: JsonObject): readonly JsonObject[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  return Array.isArray(input) ? input.filter(isObject) : [];
}
