import { usageIn } from "#lib/dialects/openai-usage";
import { generatedBytes } from "#lib/dialects/responses/content";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { characterCount } from "#lib/translation/citation";
import type { Delta, FinishReason, Reader } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";
import { unshownOutput } from "#lib/translation/unshown";
import { answerEnd, endedReader } from "#lib/translation/wires/answer-end";
import { notedUsage } from "#lib/translation/wires/noted-usage";
import { readTyped } from "#lib/translation/wires/typed-events";
import { urlCitations } from "#lib/translation/wires/url-citations";
import { proofData } from "./proof";

/** Why a response is not complete (developers.openai.com/api/reference/resources/responses). */
const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: "length",
  content_filter: "filter",
};

/** In place of a number, for what is no text. */
const REFUSAL = "refusal";

/** Items that deltas say. */
const SAID: ReadonlySet<unknown> = new Set(["message", "reasoning", "function_call", "custom_tool_call"]);

/** An item of the output, and what has come of it in parts. */
type Seen = {
  call: number | null;
  hasParts: boolean;
  summaries: number;
  /** The characters of the answer before each of its texts. */
  starts: Map<unknown, number>;
  isAnnotated: boolean;
};

/** Reads a response, of which a stream's items come in parts. */
export function responsesReader({ scope, toolNames }: ReadOptions): Reader {
  const items = new Map<unknown, Seen>();
  let calls = 0;
  let isRefused = false;
  const end = answerEnd((reason: FinishReason, out) => {
    out.push({ kind: "finish", reason, stopSequence: null });
  });
  const said = characterCount();
  const unshown = unshownOutput();
  const usage = notedUsage();

  /** Keyed by the place: ids may change within a stream (GitHub Copilot). */
  function seen(place: unknown): Seen {
    const known = items.get(place) ?? {
      call: null,
      hasParts: false,
      summaries: 0,
      starts: new Map(),
      isAnnotated: false,
    };
    items.set(place, known);
    return known;
  }

  function begin(place: unknown, item: unknown, out: Delta[]): Seen {
    const state = seen(place);
    if (!isObject(item) || state.call !== null || typeof item.name !== "string") return state;
    if (item.type !== "function_call" && item.type !== "custom_tool_call") return state;
    state.call = calls++;
    const id = typeof item.call_id === "string" ? item.call_id : `call_${state.call}`;
    out.push({ kind: "call", index: state.call, id, name: toolNames.get(item.name) ?? item.name });
    return state;
  }

  function part(place: unknown, delta: Delta, out: Delta[]): void {
    seen(place).hasParts = true;
    usage.outdate();
    out.push(delta);
  }

  /** @param index of the text within its item */
  function textTo(place: unknown, index: unknown, text: string, out: Delta[]): void {
    const { starts } = seen(place);
    if (!starts.has(index)) starts.set(index, said.count());
    said.add(text);
    part(place, { kind: "text", text }, out);
  }

  function cite(place: unknown, index: unknown, annotations: unknown, out: Delta[]): void {
    const state = seen(place);
    state.isAnnotated = true;
    const from = state.starts.get(index) ?? said.count();
    for (const citation of urlCitations(annotations, from, said.count)) out.push(citation);
  }

  function argsTo(place: unknown, json: string, out: Delta[]): void {
    const { call } = seen(place);
    if (call !== null && json !== "") part(place, { kind: "args", index: call, json }, out);
  }

  /** What an item says that has not come in parts. */
  function done(place: unknown, item: unknown, out: Delta[]): void {
    if (!isObject(item)) return;
    if (!SAID.has(item.type)) {
      unshown.addBytes((rare) => generatedBytes(item, rare));
      return;
    }
    const { hasParts, isAnnotated } = begin(place, item, out);
    if (item.type === "reasoning") {
      if (!hasParts) thoughtsTo(place, item, out);
      const { encrypted_content: encrypted, id } = item;
      if (typeof encrypted !== "string" || encrypted === "") return;
      const data = proofData({ id: typeof id === "string" ? id : null, encrypted });
      out.push({ kind: "seal", seal: { maker: "openai", scope, data } });
      return;
    }
    for (const [index, { text, refusal, annotations }] of objectsIn(item.content).entries()) {
      if (!hasParts && typeof text === "string" && text !== "") textTo(place, index, text, out);
      if (!hasParts && typeof refusal === "string") refusedTo(place, refusal, out);
      if (!isAnnotated) cite(place, index, annotations, out);
    }
    if (hasParts) return;
    const args = item.arguments ?? item.input;
    argsTo(place, typeof args === "string" && args !== "" ? args : "{}", out);
  }

  function thoughtsTo(place: unknown, { summary, content }: JsonObject, out: Delta[]): void {
    const texts = [...objectsIn(summary), ...objectsIn(content)].flatMap(({ text }) =>
      typeof text === "string" && text !== "" ? [text] : [],
    );
    if (texts.length > 0) part(place, { kind: "think", text: texts.join("\n\n") }, out);
  }

  function refusedTo(place: unknown, text: string, out: Delta[]): void {
    isRefused = true;
    textTo(place, REFUSAL, text, out);
  }

  function finish(response: JsonObject, out: Delta[]): void {
    // Some servers send the items here alone.
    for (const [place, item] of objectsIn(response.output).entries())
      if (!items.has(place)) done(place, item, out);
    usage.note(usageIn(response));
    const { incomplete_details: details } = response;
    const why = isObject(details) && typeof details.reason === "string" ? details.reason : null;
    const ended = why === null ? "stop" : (INCOMPLETE[why] ?? "length");
    end.note(ended !== "stop" ? ended : isRefused ? "filter" : calls > 0 ? "calls" : "stop");
    end.say(out);
  }

  function typed(event: JsonObject, out: Delta[]): void {
    const { type, delta, output_index: place, response } = event;
    const text = typeof delta === "string" ? delta : "";
    switch (type) {
      case "response.output_item.added":
        begin(place, event.item, out);
        break;
      case "response.output_item.done":
        done(place, event.item, out);
        break;
      case "response.output_text.delta":
        if (text !== "") textTo(place, event.content_index ?? 0, text, out);
        break;
      case "response.output_text.annotation.added":
        cite(place, event.content_index ?? 0, [event.annotation], out);
        break;
      case "response.refusal.delta":
        refusedTo(place, text, out);
        break;
      case "response.reasoning_summary_part.added":
        if (seen(place).summaries++ > 0) part(place, { kind: "think", text: "\n\n" }, out);
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        if (text !== "") part(place, { kind: "think", text }, out);
        break;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        argsTo(place, text, out);
        break;
      case "response.completed":
      case "response.incomplete":
        if (isObject(response)) finish(response, out);
        break;
      case "response.failed":
        if (isObject(response)) usage.note(usageIn(response));
        out.push({ kind: "error", detail: (isObject(response) ? response.error : null) ?? event });
        break;
      case "error":
        out.push({ kind: "error", detail: isObject(event.error) ? event.error : event });
    }
  }

  function whole(body: unknown, out: Delta[]): boolean {
    if (!isObject(body) || !Array.isArray(body.output) || isObject(body.error)) return false;
    finish(body, out);
    return true;
  }

  return endedReader(readTyped(typed), whole, usage, end, (body) => usage.note(usageIn(body)), unshown);
}

const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
