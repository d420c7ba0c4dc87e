import type { LanguageModelV3CallOptions, LanguageModelV3Prompt } from "@ai-sdk/provider";

/** One request in the words of a client of ours, and in those of the AI SDK. */
export type Conversation = {
  name: string;
  /** What the client speaks; absent: chat completions. */
  dialect?: "messages";
  /** Fields of the client's body, beside a model, a bound and a greeting. */
  ours: object;
  theirs: Partial<LanguageModelV3CallOptions>;
  stream?: true;
};

type Message = LanguageModelV3Prompt[number];
type UserPart = Extract<Message, { role: "user" }>["content"][number];
type AssistantPart = Extract<Message, { role: "assistant" }>["content"][number];
type ToolPart = Extract<Message, { role: "tool" }>["content"][number];
export type Output = Extract<ToolPart, { type: "tool-result" }>["output"];
export type ProviderOptions = NonNullable<LanguageModelV3CallOptions["providerOptions"]>;

export const BOUND = 9_000;

export const HELLO = { role: "user", content: "Hello!" };
export const sdkUser = (...content: UserPart[]): Message => ({ role: "user", content });
export const sdkAssistant = (...content: AssistantPart[]): Message => ({ role: "assistant", content });
export const sdkText = (text: string) => ({ type: "text" as const, text });
export const sdkHello = sdkUser(sdkText("Hello!"));
export const sdkFile = (mediaType: string, data: string | URL, filename?: string): Message =>
  sdkUser({ type: "file", mediaType, data, ...(filename === undefined ? {} : { filename }) });

/** A tool in the dialect of chat completions, in that of messages, and in the AI SDK's words. */
export type Shape = { name: string; description?: string; schema: object; strict?: boolean };
export const chatTool = ({ name, description, schema, strict }: Shape) => ({
  type: "function",
  function: { name, description, parameters: schema, strict },
});
export const messagesTool = ({ name, description, schema }: Shape) => ({
  name,
  description,
  input_schema: schema,
});
export const sdkTool = ({ name, description, schema, strict }: Shape) => ({
  type: "function" as const,
  name,
  inputSchema: schema,
  ...(description === undefined ? {} : { description }),
  ...(strict === undefined ? {} : { strict }),
});

export const WEATHER: Shape = {
  name: "weather",
  description: "Tells the weather",
  schema: {
    type: "object",
    properties: { city: { type: "string", description: "A name" }, days: { type: "integer" } },
    required: ["city"],
  },
};

/** Two calls at once, and their results. */
export const chatCalled = {
  messages: [
    HELLO,
    {
      role: "assistant",
      content: "Two cities.",
      tool_calls: [
        { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } },
        { id: "call_2", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
      ],
    },
    { role: "tool", tool_call_id: "call_1", content: "Sun" },
    { role: "tool", tool_call_id: "call_2", content: "Rain" },
  ],
  tools: [chatTool(WEATHER)],
};

/** One call with a result of this content, in the dialect of messages. */
export const messagesCalled = (result: object, thought: object | null = null) => ({
  messages: [
    HELLO,
    {
      role: "assistant",
      content: [
        ...(thought === null ? [] : [thought]),
        { type: "tool_use", id: "call_1", name: "weather", input: { city: "Rome" } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", ...result }] },
  ],
  tools: [messagesTool(WEATHER)],
});

export const sdkCall = (id: string, city: string, providerOptions?: ProviderOptions): AssistantPart => ({
  type: "tool-call",
  toolCallId: id,
  toolName: "weather",
  input: { city },
  ...(providerOptions === undefined ? {} : { providerOptions }),
});
export const sdkResult = (id: string, output: Output | string): ToolPart => ({
  type: "tool-result",
  toolCallId: id,
  toolName: "weather",
  output: typeof output === "string" ? { type: "text", value: output } : output,
});
export const sdkCalled = (
  output: Output | string,
  thought: ProviderOptions | null = null,
  ofCall?: ProviderOptions,
): Conversation["theirs"] => ({
  tools: [sdkTool(WEATHER)],
  prompt: [
    sdkHello,
    sdkAssistant(
      ...(thought === null ? [] : [{ type: "reasoning" as const, text: "Hm.", providerOptions: thought }]),
      sdkCall("call_1", "Rome", ofCall),
    ),
    { role: "tool", content: [sdkResult("call_1", output)] },
  ],
});
