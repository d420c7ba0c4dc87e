import type { Assembler } from "#lib/dialects/dialect";
import { typedEvent } from "#lib/dialects/events/event-payloads";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { keptIn, restoredNumbers, withKeptNumbers } from "#lib/dialects/text/kept-numbers";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { outputOf } from "./content";
import { isTerminal } from "./event-names";

/** Items of a response; real ones have a fraction of that. */
const MOST_ITEMS = 4_096;
/** The schemas of tools and of the answer, which a response repeats. */
const KEPT_IN = keptIn("parameters", "schema");

/** The whole response that a stream ends in. */
export function responseAssembler(): Assembler {
  let whole: Buffer | null = null;
  return {
    add(payload) {
      const event = parsedObject(withKeptNumbers(payload, KEPT_IN));
      if (event !== null && isTerminal(event.type) && isObject(event.response))
        whole = Buffer.from(restoredNumbers(JSON.stringify(event.response)));
    },
    whole: () => whole,
  };
}

/**
 * The stream that says what a whole response says: its items with their texts and arguments, and the response itself.
 * @param whole a response
 * @returns null if it has too much structure to be parsed
 */
export function splitResponse(whole: Buffer): Buffer | null {
  const response = parsedObject(withKeptNumbers(whole.toString("utf8"), KEPT_IN));
  if (response === null || outputOf(response).length > MOST_ITEMS) return null;
  let events = "";
  let sequence = 0;
  const add = (type: string, fields: JsonObject) => {
    events += typedEvent(type, { sequence_number: sequence++, ...fields });
  };
  const begun = { ...response, status: "in_progress", output: [], usage: null };
  add("response.created", { response: begun });
  for (const [output_index, item] of outputOf(response).entries()) {
    if (isObject(item)) addItem(add, output_index, item);
  }
  add(response.status === "incomplete" ? "response.incomplete" : "response.completed", { response });
  return Buffer.from(restoredNumbers(events));
}

type Add = (type: string, fields: JsonObject) => void;

function addItem(add: Add, output_index: number, item: JsonObject): void {
  const { content, arguments: given } = item;
  const item_id = item.id;
  const at = { item_id, output_index };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  const isCall = item.type === "function_call" && typeof given === "string";
  const begun = {
    ...item,
    ...(isCall ? { arguments: "" } : {}),
    ...(parts.length > 0 ? { content: [] } : {}),
  };
  add("response.output_item.added", { output_index, item: begun });
  for (const [content_index, part] of parts.entries()) {
    if (!isObject(part) || part.type !== "output_text" || typeof part.text !== "string") continue;
    const place = { ...at, content_index };
    add("response.content_part.added", { ...place, part: { ...part, text: "" } });
    add("response.output_text.delta", { ...place, delta: part.text });
    add("response.output_text.done", { ...place, text: part.text });
    add("response.content_part.done", { ...place, part });
  }
  if (isCall) {
    add("response.function_call_arguments.delta", { ...at, delta: given });
    add("response.function_call_arguments.done", { ...at, arguments: given });
  }
  add("response.output_item.done", { output_index, item });
}
