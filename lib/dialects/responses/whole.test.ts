import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { responseAssembler, splitResponse } from "./answer-forms";
import { playText, response, message as said, USAGE } from "./testing/played-stream";
import { readWholeResponse } from "./whole";

const message = said("Hello");
const call = {
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "f",
  arguments: '{"a":1}',
  status: "completed",
};
const read = (body: unknown) =>
  readWholeResponse(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

describe("a whole response", () => {
  test.each(["completed", "incomplete"])("is an answer with its usage if it is %s", async (status) => {
    expect(await read(response({ status, output: [message], usage: USAGE }))).toMatchObject({
      said: "content",
      error: null,
      usage: { inputTokens: 36, cachedTokens: 20, outputTokens: 87, reasoningTokens: 64 },
      outputTokens: 0,
    });
  });

  test("may have no output", async () => {
    expect(await read(response({ status: "incomplete", usage: USAGE }))).toMatchObject({ said: "content" });
  });

  test("is estimated without a usage", async () => {
    const long = said("a".repeat(400));
    expect(await read(response({ status: "completed", output: [long] }))).toMatchObject({
      usage: null,
      outputTokens: 100,
    });
  });

  test("that has failed is an error, with what it bills", async () => {
    const error = { code: "server_error", message: "no" };
    expect(await read(response({ status: "failed", error, usage: USAGE }))).toMatchObject({
      said: "error",
      error: { error },
      usage: { outputTokens: 87 },
    });
    expect(await read(response({ status: "cancelled" }))).toMatchObject({ said: "error" });
  });

  test.each<[string, string, unknown]>([
    ["error", "an error", { error: { message: "no" } }],
    ["error", "a page", "<html></html>"],
    ["unusable", "another answer", { choices: [{ message: { content: "Hi" } }] }],
    ["unusable", "broken JSON", '{"object":"response","output":['],
  ])("is %s: %s", async (said, _, body) => {
    expect(await read(body)).toMatchObject({ said });
  });

  test("becomes a stream that means the same, and that again the response", () => {
    const whole = response({ status: "completed", output: [message, call], usage: USAGE });
    const events = splitResponse(Buffer.from(JSON.stringify(whole)))?.toString("utf8") ?? "";
    const { meter } = playText(events);
    expect(meter).toMatchObject({ done: true, fault: null, usage: { outputTokens: 87 } });
    expect(events).toContain('"delta":"Hello"');
    expect(events).toContain('"type":"response.function_call_arguments.delta"');
    const assembler = responseAssembler();
    for (const payload of eventPayloads(events)) assembler.add(payload);
    expect(JSON.parse(assembler.whole()?.toString("utf8") ?? "")).toEqual(whole);
  });

  test("is none if a stream has no end", () => {
    const assembler = responseAssembler();
    assembler.add('{"type":"response.output_text.delta","delta":"a"}');
    expect(assembler.whole()).toBeNull();
  });
});
