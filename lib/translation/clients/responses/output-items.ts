import { typedEvent } from "#lib/dialects/events/event-payloads";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { type Seal, sealedEnvelope, UNPROVED } from "#lib/translation/envelope";

/** Writes an event with the next number of the response. */
export type Emit = (type: string, fields: object) => string;

/** An item that is being written: its parts as they come, and the item when it is whole. */
export type OutputItem = {
  kind: "message" | "reasoning" | "call" | "image";
  /** The events that begin it. */
  begin: () => string;
  /** The events for more of its text or its arguments. */
  add: (text: string) => string;
  /** The events that end it; nothing if it has ended before. */
  end: () => string;
  /** The whole item, once it has ended. */
  whole: () => JsonObject;
};

/** Numbers the events of one response. */
export function numberedEvents(): Emit {
  let sequence = 0;
  return (type, fields) => typedEvent(type, { sequence_number: sequence++, ...fields });
}

type Place = { id: string; outputIndex: number; emit: Emit };

/** How an item ends: with the events of its own, and then whole. */
function ending(
  { outputIndex: output_index, emit }: Place,
  whole: OutputItem["whole"],
  events: () => string,
): Pick<OutputItem, "end" | "whole"> {
  let hasEnded = false;
  return {
    end() {
      if (hasEnded) return "";
      hasEnded = true;
      return events() + emit("response.output_item.done", { output_index, item: whole() });
    },
    whole,
  };
}

/** What the model says. */
export function messageItem(place: Place): OutputItem & { cite: (annotation: JsonObject) => string } {
  const { id, outputIndex: output_index, emit } = place;
  let text = "";
  const annotations: JsonObject[] = [];
  const at = { item_id: id, output_index, content_index: 0 };
  const part = () => ({ type: "output_text", text, annotations: [...annotations], logprobs: [] });
  const item = (status: string, content: readonly object[]) => ({
    id,
    type: "message",
    status,
    role: "assistant",
    content,
  });
  const whole = () => item("completed", [part()]);
  return {
    kind: "message",
    begin: () =>
      emit("response.output_item.added", { output_index, item: item("in_progress", []) }) +
      emit("response.content_part.added", { ...at, part: part() }),
    add(more) {
      text += more;
      return emit("response.output_text.delta", { ...at, delta: more, logprobs: [] });
    },
    cite(annotation) {
      const annotation_index = annotations.push(annotation) - 1;
      return emit("response.output_text.annotation.added", { ...at, annotation_index, annotation });
    },
    ...ending(
      place,
      whole,
      () =>
        emit("response.output_text.done", { ...at, text, logprobs: [] }) +
        emit("response.content_part.done", { ...at, part: part() }),
    ),
  };
}

/** The model's reasoning, shown as a summary, with its proof if it has one. */
export function reasoningItem(place: Place): OutputItem & { seal: (seal: Seal) => void } {
  const { id, outputIndex: output_index, emit } = place;
  let text = "";
  let isShown = false;
  let encrypted: string | null = null;
  const at = { item_id: id, output_index, summary_index: 0 };
  const part = () => ({ type: "summary_text", text });
  const whole = () => ({
    id,
    type: "reasoning",
    summary: isShown ? [part()] : [],
    encrypted_content: encrypted,
  });
  return {
    kind: "reasoning",
    begin: () => emit("response.output_item.added", { output_index, item: whole() }),
    add(more) {
      const opened = isShown ? "" : emit("response.reasoning_summary_part.added", { ...at, part: part() });
      isShown = true;
      text += more;
      return opened + emit("response.reasoning_summary_text.delta", { ...at, delta: more });
    },
    seal(seal) {
      encrypted = sealedEnvelope(seal);
    },
    ...ending(place, whole, () => {
      encrypted ??= sealedEnvelope(UNPROVED);
      return isShown
        ? emit("response.reasoning_summary_text.done", { ...at, text }) +
            emit("response.reasoning_summary_part.done", { ...at, part: part() })
        : "";
    }),
  };
}

/** A picture that the model has made, as the tool of OpenAI's own would give it. */
export function imageItem(
  place: Place,
  { mediaType, base64 }: { mediaType: string; base64: string },
): OutputItem {
  const { id, outputIndex: output_index, emit } = place;
  const at = { item_id: id, output_index };
  const item = (status: string, result: string | null) => ({
    id,
    type: "image_generation_call",
    status,
    output_format: mediaType.replace(/^image\//, ""),
    result,
  });
  const whole = () => item("completed", base64);
  return {
    kind: "image",
    begin: () =>
      emit("response.output_item.added", { output_index, item: item("in_progress", null) }) +
      emit("response.image_generation_call.in_progress", at) +
      emit("response.image_generation_call.generating", at),
    add: () => "",
    ...ending(place, whole, () => emit("response.image_generation_call.completed", at)),
  };
}

/** What a call is of: a function, or a custom tool, which takes a text. */
export type Called = { callId: string; name: string; namespace: string | null; isCustom: boolean };

/** A call of one of the client's tools. */
export function callItem(place: Place, called: Called): OutputItem {
  const { id, outputIndex: output_index, emit } = place;
  const { callId: call_id, name, namespace, isCustom } = called;
  let args = "";
  const at = { item_id: id, output_index };
  const field = isCustom ? "input" : "arguments";
  const events = isCustom ? "response.custom_tool_call_input" : "response.function_call_arguments";
  const item = (status: string) => ({
    id,
    type: isCustom ? "custom_tool_call" : "function_call",
    status,
    call_id,
    name,
    ...(namespace === null ? {} : { namespace }),
    [field]: args,
  });
  const whole = () => item("completed");
  return {
    kind: "call",
    begin: () => emit("response.output_item.added", { output_index, item: item("in_progress") }),
    add(more) {
      args += more;
      return emit(`${events}.delta`, { ...at, delta: more });
    },
    ...ending(place, whole, () => emit(`${events}.done`, { ...at, [field]: args })),
  };
}
