import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { gatewayToGemini } from "#lib/gateway/testing/gateway-to-gemini";
import { expectHeldBound, settledRow } from "#lib/gateway/testing/weather-turns";
import {
  boundIn,
  COUNTS,
  calledTurn,
  callOf,
  ended,
  said,
  TEXT,
} from "#lib/translation/testing/gemini/answers";

const { upstream, gate, openAi: client } = await gatewayToGemini();

const ask = { model: "gem", input: "Hello!" };
const SETTLED = settledRow("responses", COUNTS);
const USAGE = {
  input_tokens: 29,
  input_tokens_details: { cached_tokens: 20 },
  output_tokens: 819,
  output_tokens_details: { reasoning_tokens: 804 },
  total_tokens: 848,
};

/** The tools of an agent: a function, one in a namespace, and one that takes a text. */
const TOOLS: OpenAI.Responses.Tool[] = [
  { type: "function", name: "get_weather", parameters: { type: "object", properties: {} }, strict: false },
  {
    type: "namespace",
    name: "files",
    description: "Files.",
    tools: [
      { type: "function", name: "read", parameters: { type: "object", properties: {} }, strict: false },
    ],
  },
  {
    type: "custom",
    name: "apply_patch",
    description: "Patches a file.",
    format: { type: "grammar", syntax: "lark", definition: 'start: "x"' },
  },
];

/** A call, then its result with all that the client has got. */
async function turnsWith(name: string, args: object) {
  upstream.answer = (_, { contents }) => ({
    chunks: Array.isArray(contents) && contents.length > 1 ? TEXT : callOf(name, args, "A tool helps."),
  });
  const stream = client().responses.stream({ ...ask, tools: TOOLS });
  const first = await stream.finalResponse();
  const made = first.output.flatMap((item) =>
    item.type === "function_call" || item.type === "custom_tool_call" ? [item] : [],
  );
  const thoughts = first.output.flatMap((item) => (item.type === "reasoning" ? [item] : []));
  const [call] = made;
  if (call === undefined) throw new Error("no call");
  const type = call.type === "custom_tool_call" ? "custom_tool_call_output" : "function_call_output";
  const input: OpenAI.Responses.ResponseInputItem[] = [
    { role: "user", content: "Hello!" },
    ...thoughts,
    call,
    { type, call_id: call.call_id, output: "done" },
  ];
  const second = await client().responses.create({ model: "gem", input, tools: TOOLS });
  return { first, call, second, sent: upstream.requests.at(-1)?.body.contents };
}

const thought = { text: "A tool helps.", thought: true };

describe("a response by a model of Google's", () => {
  test("is answered whole, and charged by what Google reports", async () => {
    const { data, response } = await client()
      .responses.create({ ...ask, instructions: "Be kind." })
      .withResponse();
    expect(data).toMatchObject({ object: "response", status: "completed", model: "gem", usage: USAGE });
    expect(data.output_text).toBe("Good morning.");
    expect(await gate.rowOf(response)).toMatchObject(SETTLED);
    expect(upstream.requests.at(-1)?.body).toMatchObject({
      systemInstruction: { parts: [{ text: "Be kind." }] },
      contents: [{ role: "user", parts: [{ text: "Hello!" }] }],
    });
  });

  test("is answered as a stream that the official client follows", async () => {
    const stream = client().responses.stream(ask);
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect((await stream.finalResponse()).output_text).toBe("Good morning.");
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
  });

  test("calls a function, and Google's signature comes back with its result", async () => {
    const { first, call, second, sent } = await turnsWith("get_weather", { city: "Paris" });
    expect(first.output.map(({ type }) => type)).toEqual(["reasoning", "function_call"]);
    expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}', status: "completed" });
    expect(second.output_text).toBe("Good morning.");
    expect(sent).toEqual(calledTurn("A tool helps.", "done"));
  });

  test("calls a tool of a namespace by its two names", async () => {
    const { call, sent } = await turnsWith("files__read", { path: "a" });
    expect(call).toMatchObject({ type: "function_call", namespace: "files", name: "read" });
    expect(sent).toMatchObject([{}, { parts: [thought, { functionCall: { name: "files__read" } }] }, {}]);
  });

  test("calls a custom tool with the text alone", async () => {
    const { call, sent } = await turnsWith("apply_patch", { input: '*** Begin "Patch"\n' });
    expect(call).toMatchObject({ type: "custom_tool_call", input: '*** Begin "Patch"\n' });
    expect(sent).toMatchObject([
      {},
      { parts: [thought, { functionCall: { name: "apply_patch", args: { input: '*** Begin "Patch"\n' } } }] },
      {},
    ]);
  });

  test.each([
    ["MAX_TOKENS", "max_output_tokens"],
    ["SAFETY", "content_filter"],
  ])("that ends by %s is incomplete for %s", async (finishReason, reason) => {
    upstream.answer = () => ({ chunks: [ended(finishReason, { text: "Go" })] });
    const data = await client().responses.create(ask);
    expect(data).toMatchObject({ status: "incomplete", incomplete_details: { reason }, usage: USAGE });
  });

  test("reports an error within a stream as one that has failed", async () => {
    upstream.answer = () => ({
      chunks: [
        said({ text: "Good" }),
        { error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } },
      ],
    });
    const stream = await client().responses.create({ ...ask, stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed" } });
  });

  test("names what is left out, and refuses what cannot be said", async () => {
    const { response } = await client()
      .responses.create({
        ...ask,
        metadata: { team: "a" },
        prompt_cache_key: "k",
        text: { verbosity: "low" },
      })
      .withResponse();
    expect(response.headers.get("x-tollgate-dropped")?.split(/, ?/).toSorted()).toEqual([
      "metadata",
      "prompt_cache_key",
      "text.verbosity",
    ]);
    await expect(client().responses.create({ ...ask, top_logprobs: 2 })).rejects.toMatchObject({
      status: 400,
      param: "top_logprobs",
    });
  });

  test("sends the bound that is held, which counts thoughts", async () => {
    const asked = () => gate.post("responses", { ...ask, max_output_tokens: 5_000 });
    await expectHeldBound(gate, asked, () => boundIn(upstream.requests.at(-1)?.body));
  });
});
