import { splitResponse } from "#lib/dialects/responses/answer-forms";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { replyEvents, replyJson, serveFake } from "#lib/translation/testing/fake-server";
import { responsesFault } from "./strict";

/** What the fake answers: a response, which it streams in parts, or an error. */
export type ResponsesAnswer = { response: JsonObject; error?: { status: number; message: string } };

export type FakeResponses = {
  url: string;
  requests: { path: string; body: JsonObject }[];
  /** Set by a test: what is answered next. */
  answer: (body: JsonObject) => ResponsesAnswer;
};

/** A whole response. */
export const wholeOf = (response: JsonObject): JsonObject => ({
  id: "resp_1",
  object: "response",
  status: "completed",
  error: null,
  ...response,
});

/** Starts a Responses API that is as strict as the documentation says, for the tests of a file. */
export async function fakeResponses(answer: FakeResponses["answer"]): Promise<FakeResponses> {
  const fake: FakeResponses = { url: "", requests: [], answer };
  const url = await serveFake(({ incoming, body }, outgoing) => {
    const reply = (status: number, body: object) => replyJson(outgoing, status, body);
    fake.requests.push({ path: incoming.url ?? "", body });
    if (incoming.url === "/v1/chat/completions") {
      const message = { role: "assistant", content: "By chat." };
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      return reply(200, { id: "c", choices: [{ index: 0, message, finish_reason: "stop" }], usage });
    }
    const fault = responsesFault(body);
    const { response, error } = fake.answer(body);
    if (fault !== null || error !== undefined)
      return reply(error?.status ?? 400, {
        error: { message: fault ?? error?.message, type: "invalid_request_error" },
      });
    const whole = wholeOf(response);
    if (body.stream !== true) return reply(200, whole);
    replyEvents(outgoing, [String(splitResponse(Buffer.from(JSON.stringify(whole))))]);
  });
  fake.url = `${url}/v1`;
  return fake;
}
