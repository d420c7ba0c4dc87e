import { eventOf } from "#lib/dialects/events/event-payloads";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { type Broken, replyEvents, replyJson, serveFake } from "#lib/translation/testing/fake-server";
import { chatFault } from "./strict";

/** What the fake answers: a message, which it streams in parts, or an error. */
export type ChatAnswer = Broken<{ status: number; message: string }> & {
  message: JsonObject;
  finishReason?: string;
  /** Which stop sequence it was, as vLLM says. */
  stopReason?: string;
  usage: JsonObject;
};

export type FakeChat = {
  url: string;
  requests: JsonObject[];
  /** Set by a test: what is answered next. */
  answer: (body: JsonObject) => ChatAnswer;
};

/** Starts a server of chat completions that is as strict as OpenAI's documentation says, for the tests of a file. */
export async function fakeChat(answer: FakeChat["answer"]): Promise<FakeChat> {
  const fake: FakeChat = { url: "", requests: [], answer };
  const url = await serveFake(({ incoming, body }, outgoing) => {
    const fail = (status: number, message: string) =>
      replyJson(outgoing, status, {
        error: { message, type: "invalid_request_error", param: null, code: null },
      });
    if (incoming.url !== "/v1/chat/completions") return fail(404, "Not found");
    fake.requests.push(body);
    const fault = chatFault(body);
    if (fault !== null) return fail(400, fault);
    const answered = fake.answer(body);
    const { error, isLate = false } = answered;
    if (error !== undefined && !isLate) return fail(error.status, error.message);
    if (body.stream !== true) return replyJson(outgoing, 200, wholeOf(answered));
    const asksUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
    const end =
      error === undefined
        ? "data: [DONE]\n\n"
        : eventOf({ error: { message: error.message, code: error.status } });
    const events = chunksOf(answered, asksUsage).map(eventOf);
    replyEvents(outgoing, answered.isCut ? events : [...events, end], answered.isCut);
  });
  fake.url = `${url}/v1`;
  return fake;
}

const FRAME = { id: "chatcmpl-1", created: 1, model: "upstream" };

/** A whole answer. */
export const wholeOf = ({ message, finishReason = "stop", stopReason, usage }: ChatAnswer): JsonObject => ({
  ...FRAME,
  object: "chat.completion",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: null, ...message },
      finish_reason: finishReason,
      stop_reason: stopReason,
    },
  ],
  usage,
});

/** The chunks of an answer: texts and arguments in two halves. */
export function chunksOf(
  { message, finishReason = "stop", stopReason, usage, isCut, isLate }: ChatAnswer,
  asksUsage: boolean,
) {
  const chunk = (delta: JsonObject): JsonObject => ({
    ...FRAME,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: null }],
  });
  const halves = (value: unknown): string[] => {
    const text = typeof value === "string" ? value : "";
    return [text.slice(0, text.length / 2), text.slice(text.length / 2)].filter((half) => half !== "");
  };
  const chunks = [chunk({ role: "assistant", content: "" })];
  for (const field of ["reasoning_content", "content", "refusal"])
    chunks.push(...halves(message[field]).map((half) => chunk({ [field]: half })));
  if (message.annotations !== undefined) chunks.push(chunk({ annotations: message.annotations }));
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  for (const [index, call] of calls.entries()) {
    const { name, arguments: args } = call.function;
    chunks.push(chunk({ tool_calls: [{ ...call, index, function: { name, arguments: "" } }] }));
    for (const half of halves(args))
      chunks.push(chunk({ tool_calls: [{ index, function: { arguments: half } }] }));
  }
  if (isCut || isLate) return chunks;
  const choices = [{ index: 0, delta: {}, finish_reason: finishReason, stop_reason: stopReason }];
  return [
    ...chunks,
    { ...chunk({}), choices },
    ...(asksUsage ? [{ ...FRAME, object: "chat.completion.chunk", choices: [], usage }] : []),
  ];
}
