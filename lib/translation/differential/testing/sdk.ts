import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3, LanguageModelV3CallOptions } from "@ai-sdk/provider";

type Fetch = typeof globalThis.fetch;

const KEY = { apiKey: "k" };

/** The AI SDK's provider for a wire, by the maker of its models. */
const PROVIDERS: Readonly<Record<string, (model: string, fetch: Fetch) => LanguageModelV3>> = {
  messages: (model, fetch) => createAnthropic({ ...KEY, fetch })(model),
  gemini: (model, fetch) => createGoogleGenerativeAI({ ...KEY, fetch })(model),
  converse: (model, fetch) => createAmazonBedrock({ ...KEY, region: "us-east-1", fetch })(model),
  responses: (model, fetch) => createOpenAI({ ...KEY, fetch }).responses(model),
  chat: (model, fetch) =>
    !/^gpt-\d/.test(model)
      ? createOpenAICompatible({
          ...KEY,
          name: "compatible",
          baseURL: "https://example.com/v1",
          includeUsage: true,
          supportsStructuredOutputs: true,
          fetch,
        })(model)
      : createOpenAI({ ...KEY, fetch }).chat(model),
};

/** A model of the AI SDK's, which asks `fetch`. */
export function sdkModel(wire: string, model: string, fetch: Fetch): LanguageModelV3 {
  const provider = PROVIDERS[wire];
  if (provider === undefined) throw new Error(`no provider of the AI SDK for the wire ${wire}`);
  return provider(model, fetch);
}

export type SdkRequest = { body: unknown } | { thrown: string };

/** What the AI SDK sends, of which nothing leaves the process. */
export async function sentBySdk(
  wire: string,
  model: string,
  asked: LanguageModelV3CallOptions,
  stream: boolean,
): Promise<SdkRequest> {
  const options = wire === "responses" ? unstored(asked) : asked;
  let body: unknown;
  const language = sdkModel(wire, model, async (_url, init) => {
    body = JSON.parse(String(init?.body));
    throw new Error("nothing is sent");
  });
  try {
    await (stream ? language.doStream(options) : language.doGenerate(options));
  } catch (thrown) {
    if (body === undefined) return { thrown: String(thrown) };
  }
  return { body };
}

/** Nothing is to be kept at OpenAI, which is how we send every request. */
const unstored = ({
  providerOptions,
  ...options
}: LanguageModelV3CallOptions): LanguageModelV3CallOptions => ({
  ...options,
  providerOptions: { ...providerOptions, openai: { ...providerOptions?.openai, store: false } },
});
