import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll } from "vitest";
import { splitResponse } from "#lib/dialects/responses/answer-forms";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { closeServer, listen } from "#lib/testing/listening";
import { responsesFault } from "./strict";

/** What the fake answers: a response, which it streams in parts, or an error. */
export type ResponsesAnswer = { response: JsonObject; error?: { status: number; message: string } };

export type FakeResponses = {
  url: string;
  requests: { path: string; body: JsonObject }[];
  /** Set by a test: what is answered next. */
  answer: (body: JsonObject) => ResponsesAnswer;
};

/** Starts a Responses API that is as strict as the documentation says, for the tests of a file. */
export async function fakeResponses(answer: FakeResponses["answer"]): Promise<FakeResponses> {
  const fake: FakeResponses = { url: "", requests: [], answer };
  const server = createServer(async (incoming, outgoing) => {
    const reply = (status: number, body: object) => {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(body));
    };
    const parsed = await json(incoming);
    const body = isObject(parsed) ? parsed : {};
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
    const whole = { id: "resp_1", object: "response", status: "completed", error: null, ...response };
    if (body.stream !== true) return reply(200, whole);
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    outgoing.end(splitResponse(Buffer.from(JSON.stringify(whole))));
  });
  const port = await listen(server);
  afterAll(() => closeServer(server));
  fake.url = `http://127.0.0.1:${port}/v1`;
  return fake;
}
