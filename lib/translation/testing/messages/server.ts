import { namedEvent } from "#lib/dialects/messages/event-names";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { type Broken, replyEvents, replyJson, serveFake } from "#lib/translation/testing/fake-server";
import { messagesFault } from "./strict";

/** What the fake answers: a message's blocks, which it streams in parts, or an error. */
export type MessagesAnswer = Broken<{ status: number; type: string; message: string }> & {
  content: readonly JsonObject[];
  stopReason?: string;
  stopSequence?: string;
  usage: JsonObject;
};

export type FakeMessages = {
  url: string;
  requests: { headers: Readonly<Record<string, unknown>>; body: JsonObject }[];
  /** Set by a test: what is answered next. */
  answer: (body: JsonObject) => MessagesAnswer;
};

/** Starts an Anthropic API that is as strict as the documentation says, for the tests of a file. */
export async function fakeMessages(answer: FakeMessages["answer"]): Promise<FakeMessages> {
  const fake: FakeMessages = { url: "", requests: [], answer };
  const url = await serveFake(({ incoming, body }, outgoing) => {
    const fail = (status: number, type: string, message: string) =>
      replyJson(outgoing, status, { type: "error", error: { type, message } });
    if (incoming.url !== "/v1/messages") return fail(404, "not_found_error", "Not found");
    if (incoming.headers["anthropic-version"] === undefined)
      return fail(400, "invalid_request_error", "anthropic-version: header is required");
    fake.requests.push({ headers: incoming.headers, body });
    const fault = messagesFault(body);
    if (fault !== null) return fail(400, "invalid_request_error", fault);
    const answered = fake.answer(body);
    const { error, isLate = false } = answered;
    if (error !== undefined && !isLate) return fail(error.status, error.type, error.message);
    if (body.stream !== true) return replyJson(outgoing, 200, wholeOf(answered));
    const events = eventsOf(answered).map(namedEvent);
    if (error !== undefined)
      events.push(namedEvent({ type: "error", error: { type: error.type, message: error.message } }));
    replyEvents(outgoing, events, answered.isCut);
  });
  fake.url = `${url}/v1`;
  return fake;
}

/** A whole message. */
export function wholeOf({
  content,
  stopReason = "end_turn",
  stopSequence,
  usage,
}: MessagesAnswer): JsonObject {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude",
    content,
    stop_reason: stopReason,
    stop_sequence: stopSequence ?? null,
    usage,
  };
}

/** The events of a message, as the API streams it. */
export function eventsOf(answer: MessagesAnswer): { type: string; [field: string]: unknown }[] {
  const { input_tokens, output_tokens: _, ...usage } = answer.usage;
  const message = { ...wholeOf(answer), content: [], stop_reason: null, stop_sequence: null };
  const start = {
    type: "message_start",
    message: { ...message, usage: { ...usage, input_tokens, output_tokens: 1 } },
  };
  const blocks = answer.content.flatMap((block, index) => [
    ...blockEvents(block, index),
    { type: "content_block_stop", index },
  ]);
  if (answer.isCut || answer.isLate) return [start, { type: "ping" }, ...blocks];
  const delta = { stop_reason: answer.stopReason ?? "end_turn", stop_sequence: answer.stopSequence ?? null };
  return [
    start,
    { type: "ping" },
    ...blocks,
    { type: "message_delta", delta, usage: answer.usage },
    { type: "message_stop" },
  ];
}

function blockEvents(block: JsonObject, index: number): { type: string; [field: string]: unknown }[] {
  const start = (content_block: JsonObject) => ({ type: "content_block_start", index, content_block });
  const delta = (part: JsonObject) => ({ type: "content_block_delta", index, delta: part });
  const halves = (text: string): string[] => [text.slice(0, text.length / 2), text.slice(text.length / 2)];
  switch (block.type) {
    case "text":
      return [
        start({ type: "text", text: "" }),
        ...halves(String(block.text)).map((text) => delta({ type: "text_delta", text })),
        ...citationsOf(block).map((citation) => delta({ type: "citations_delta", citation })),
      ];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...halves(String(block.thinking)).map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: block.signature }),
      ];
    case "tool_use":
      return [
        start({ ...block, input: {} }),
        ...halves(JSON.stringify(block.input)).map((part) =>
          delta({ type: "input_json_delta", partial_json: part }),
        ),
      ];
    default:
      return [start(block)];
  }
}

const citationsOf = ({ citations }: JsonObject): readonly unknown[] =>
  Array.isArray(citations) ? citations : [];
