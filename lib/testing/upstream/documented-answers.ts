import type { ProviderAnswer } from "./scenario";

type Delta = readonly [delta: object, finish: string | null];

const HELLO: readonly Delta[] = [
  [{ role: "assistant", content: "", refusal: null }, null],
  [{ content: "Hello" }, null],
];

/**
 * Fixtures of our own, written from the API references of OpenAI, Anthropic (OpenAI SDK compatibility) and xAI: the
 * shapes, field order and white space are the documented ones, the texts and ids are invented.
 */
export const documentedAnswers: readonly ProviderAnswer[] = [
  {
    name: "documented/chat-basic",
    request: chat({ model: "gpt-5-mini", messages: [user("Say hello.")] }),
    response: completion({
      model: "gpt-5-mini-2025-08-07",
      message: text("Hello – how can I help?"),
      usage: openAiUsage({ input: 9, output: 201, cached: 0, reasoning: 192 }),
    }),
  },
  {
    name: "documented/chat-cached-prompt",
    request: chat({ model: "gpt-4.1", messages: [user("Summarize the manual above.")] }),
    response: completion({
      model: "gpt-4.1-2025-04-14",
      message: text("It describes a kettle."),
      usage: openAiUsage({ input: 2006, output: 6, cached: 1920, reasoning: 0 }),
    }),
  },
  {
    name: "documented/chat-image-to-text",
    request: chat({
      model: "gpt-4.1",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Which color is this?" },
            {
              type: "image_url",
              image_url: { url: `data:image/png;base64,${onePixelPng()}`, detail: "low" },
            },
          ],
        },
      ],
    }),
    response: completion({
      model: "gpt-4.1-2025-04-14",
      message: text("Red."),
      usage: openAiUsage({ input: 97, output: 3, cached: 0, reasoning: 0 }),
    }),
  },
  {
    name: "documented/chat-tools",
    request: chat({ model: "gpt-4.1", messages: [user("Weather in Oslo?")], tools: [weatherTool()] }),
    response: completion({
      model: "gpt-4.1-2025-04-14",
      message: {
        ...text(null),
        tool_calls: [toolCall("call_weather_1", '{\n  "location": "Oslo, Norway"\n}')],
      },
      finish: "tool_calls",
      usage: openAiUsage({ input: 61, output: 17, cached: 0, reasoning: 0 }),
    }),
  },
  {
    name: "documented/chat-bad-request",
    request: chat({ model: "gpt-5-mini", messages: [user("Hello.")], temperature: 0 }),
    response: {
      status: 400,
      headers: { "content-type": "application/json", "x-request-id": "req_documented_400" },
      body: pretty({
        error: {
          message:
            "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
          type: "invalid_request_error",
          param: "temperature",
          code: "unsupported_value",
        },
      }),
    },
  },
  {
    name: "documented/chat-streaming",
    request: chat({ model: "gpt-4.1-mini", messages: [user("Stream hello.")], stream: true }),
    response: streamed([
      ...chunks("gpt-4.1-mini-2025-04-14", [
        ...HELLO,
        [{ content: " – wörld" }, null],
        [{ content: " 👋" }, null],
        [{}, "stop"],
      ]).map((chunk, index) => ({ ...chunk, obfuscation: "x".repeat(2 + index) })),
      "[DONE]",
    ]),
  },
  {
    name: "documented/chat-streaming-usage",
    request: chat({
      model: "gpt-4.1-mini",
      messages: [user("Stream hello with usage.")],
      stream_options: { include_usage: true },
      stream: true,
    }),
    response: streamed([
      ...chunks("gpt-4.1-mini-2025-04-14", [...HELLO, [{}, "stop"]]).map((chunk) => ({
        ...chunk,
        usage: null,
      })),
      {
        ...chunkHead("gpt-4.1-mini-2025-04-14"),
        choices: [],
        usage: openAiUsage({ input: 10, output: 2, cached: 0, reasoning: 0 }),
      },
      "[DONE]",
    ]),
  },
  {
    name: "documented/chat-streaming-tools-anthropic",
    request: chat({ model: "claude-sonnet-4-5", messages: [user("Read notes.txt")], stream: true }),
    // The text block is index 0 of the message, so that the first tool call has index 1.
    response: streamed([
      ...chunks("claude-sonnet-4-5-20250929", [
        [{ role: "assistant" }, null],
        [{ content: "I will read it." }, null],
        [{ tool_calls: [{ index: 1, ...toolCall("toolu_documented", "", "read_file") }] }, null],
        [{ tool_calls: [{ index: 1, function: { arguments: '{"path": ' } }] }, null],
        [{ tool_calls: [{ index: 1, function: { arguments: '"notes.txt"}' } }] }, null],
        [{}, "tool_calls"],
      ]),
      "[DONE]",
    ]),
  },
  {
    name: "documented/chat-reasoning-xai",
    request: chat({ model: "grok-3-mini", messages: [user("Name a prime.")] }),
    response: completion({
      model: "grok-3-mini",
      message: { content: "Seven", reasoning_content: "Two, three, five, seven.", refusal: null },
      // xAI counts reasoning apart from completion_tokens; only total_tokens includes both.
      usage: { ...openAiUsage({ input: 14, output: 1, cached: 5, reasoning: 230 }), total_tokens: 245 },
    }),
  },
  {
    name: "documented/completion-streaming",
    request: post("/v1/completions", {
      model: "gpt-3.5-turbo-instruct",
      prompt: "One, two,",
      max_tokens: 3,
      stream: true,
    }),
    response: streamed([
      ...[" three", ",", " four"].map((text) => textCompletion(text, null)),
      textCompletion("", "length"),
      "[DONE]",
    ]),
  },
  {
    name: "documented/embeddings-basic",
    request: post("/v1/embeddings", {
      model: "text-embedding-3-small",
      input: "A kettle.",
      encoding_format: "float",
      dimensions: 4,
    }),
    response: whole({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -0.5, 0.25, -0.000125] }],
      model: "text-embedding-3-small",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    }),
  },
];

function post(path: string, body: Record<string, unknown>): ProviderAnswer["request"] {
  return { method: "POST", path, body };
}

function chat(body: Record<string, unknown>): ProviderAnswer["request"] {
  return post("/v1/chat/completions", body);
}

function user(content: string) {
  return { role: "user", content };
}

function pretty(value: object): string {
  return JSON.stringify(value, null, 2);
}

function whole(body: object): ProviderAnswer["response"] {
  const headers = { "content-type": "application/json", "x-request-id": "req_documented" };
  return { status: 200, headers, body: pretty(body) };
}

function streamed(events: readonly (object | "[DONE]")[]): ProviderAnswer["response"] {
  const data = events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)));
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_documented" },
    body: data.map((text) => `data: ${text}\n\n`).join(""),
  };
}

function text(content: string | null): object {
  return { content, refusal: null, annotations: [] };
}

type Completion = { model: string; message: object; finish?: string; usage: object };

function completion({ model, message, finish = "stop", usage }: Completion): ProviderAnswer["response"] {
  return whole({
    id: "chatcmpl-documented",
    object: "chat.completion",
    created: 1_760_000_000,
    model,
    choices: [
      { index: 0, message: { role: "assistant", ...message }, logprobs: null, finish_reason: finish },
    ],
    usage,
    service_tier: "default",
    system_fingerprint: null,
  });
}

function chunkHead(model: string): object {
  return {
    id: "chatcmpl-documented",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model,
    service_tier: "default",
    system_fingerprint: "fp_documented",
  };
}

function chunks(model: string, deltas: readonly Delta[]): object[] {
  return deltas.map(([delta, finish]) => ({
    ...chunkHead(model),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  }));
}

function textCompletion(text: string, finish: string | null): object {
  return {
    id: "cmpl-documented",
    object: "text_completion",
    created: 1_760_000_000,
    choices: [{ text, index: 0, logprobs: null, finish_reason: finish }],
    model: "gpt-3.5-turbo-instruct",
  };
}

function openAiUsage(tokens: { input: number; output: number; cached: number; reasoning: number }): object {
  return {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: tokens.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function toolCall(id: string, args: string, name = "get_current_weather"): object {
  return { id, type: "function", function: { name, arguments: args } };
}

function weatherTool(): object {
  const location = { type: "string", description: "City and country" };
  return {
    type: "function",
    function: {
      name: "get_current_weather",
      description: "Get the current weather in a given location",
      parameters: { type: "object", properties: { location }, required: ["location"] },
    },
  };
}

function onePixelPng(): string {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
}
