import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { expect } from "vitest";
import type { TestGateway } from "./test-gateway";
import { leaveBudget } from "./user-budget";

/** A conversation about the weather, as clients of each dialect have it with a model that may be anyone's. */
export const HELLO = { role: "user" as const, content: "Hello!" };

/** What a client of chat may set besides, some of it in another form than other makers'. */
export const SETTINGS_OF_CHAT = {
  messages: [{ role: "system" as const, content: "Be kind." }, HELLO],
  stop: ["END"],
  temperature: 1.5,
  max_completion_tokens: 500,
};

const name = "get_weather";
const schema = { type: "object" as const, properties: { city: { type: "string" } } };
export const CHAT_TOOLS = [{ type: "function" as const, function: { name, parameters: schema } }];
export const MESSAGES_TOOLS: Anthropic.Tool[] = [{ name, description: "The weather", input_schema: schema }];

export const RESPONSES_TOOLS: OpenAI.Responses.Tool[] = [
  { type: "function", name, parameters: schema, strict: false },
];

/** What a client of chat gets when the model asks for the weather of two cities at once. */
export const TWO_CALLS_IN_CHAT = {
  finish_reason: "tool_calls",
  message: {
    content: "Let me look.",
    tool_calls: [
      { function: { name, arguments: '{"city":"Paris"}' } },
      { function: { name, arguments: '{"city":"Rome"}' } },
    ],
  },
};

/** The model's message and the results of its calls, as a client of chat sends them back. */
export function turnInChat(completion: OpenAI.ChatCompletion): OpenAI.ChatCompletionMessageParam[] {
  const message = completion.choices[0]?.message;
  if (message === undefined) throw new Error("no message");
  const results = (message.tool_calls ?? []).map(({ id }) => ({
    role: "tool" as const,
    tool_call_id: id,
    content: "22 °C",
  }));
  return [message, ...results];
}

/**
 * The model's reasoning, its words and two calls at once, and their results, as a client of responses sends them back;
 * expects all of them.
 */
export function turnInResponses({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseInputItem[] {
  expect(output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call", "function_call"]);
  const calls = output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  const others = output.flatMap((item) =>
    item.type === "message" || item.type === "reasoning" ? [item] : [],
  );
  const results = calls.map(({ call_id }) => ({
    type: "function_call_output" as const,
    call_id,
    output: "22 °C",
  }));
  return [HELLO, ...others, ...calls, ...results];
}

/** A picture of the weather, as the result of a call. */
export const PICTURE: Anthropic.ImageBlockParam = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" },
};

/** The same as a client of messages sends them back, but with these results. */
export const turnInMessages = (
  { content }: Pick<Anthropic.Message, "content">,
  results: Anthropic.ContentBlockParam[],
): Anthropic.MessageParam[] => [HELLO, { role: "assistant", content }, { role: "user", content: results }];

/** What the ledger has of an answer that cost a microdollar a token. */
export const settledRow = (
  endpoint: string,
  { input, cached, output, reasoning }: { input: number; cached: number; output: number; reasoning: number },
) => ({
  status: "settled",
  endpoint,
  input_tokens: `${input}`,
  cached_tokens: `${cached}`,
  output_tokens: `${output}`,
  reasoning_tokens: `${reasoning}`,
  usage_source: "provider",
  cost_usd: ((input + output) / 1_000_000).toFixed(12),
});

/**
 * What the ledger has at CACHE_RATES of an answer to 180 tokens, of which 50 were read from a cache and 30 written to it:
 * 100 + 50 × 0.1 + 10 × 1.25 + 20 × 2 + 40 µUSD.
 */
export const CACHED_ROW = {
  status: "settled",
  input_tokens: "180",
  cached_tokens: "50",
  cache_write_tokens: "30",
  output_tokens: "40",
  usage_source: "provider",
  cost_usd: "0.000197500000",
};

/** Expects that a stream of chat ends in these words of the provider's error, and not as a whole one. */
export async function expectFailedStream(answered: Response, words: string): Promise<void> {
  const text = await answered.text();
  expect(text).toContain(words);
  expect(text).not.toContain("[DONE]");
}

/**
 * Expects that a budget of less than a thousand tokens lowers the bound of a request, and that the provider gets the one
 * that is held.
 */
export async function expectHeldBound(
  gate: TestGateway,
  ask: () => Promise<Response>,
  sentBound: () => unknown,
): Promise<void> {
  await leaveBudget(gate, "0.001");
  const answered = await ask();
  expect(answered.status).toBe(200);
  const bound = Number(answered.headers.get("x-tollgate-max-tokens"));
  expect(bound).toBeLessThan(1_000);
  expect(sentBound()).toBe(bound);
  await leaveBudget(gate, null);
}
