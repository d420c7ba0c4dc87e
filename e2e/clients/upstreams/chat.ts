import { isObject } from "#lib/dialects/text/json-fields";
import { fakeChat } from "#lib/translation/testing/chat/server";
import {
  fieldsNamed,
  next,
  type ScriptedUpstream,
  type ScriptedWire,
  textsNamed,
  thoughtOf,
  usageWithReasoning,
} from "./script";

const wire: ScriptedWire = {
  told: ({ tools, messages }) => ({
    tools: textsNamed("name", fieldsNamed("function", tools)),
    results: (Array.isArray(messages) ? messages : [])
      .filter((message) => isObject(message) && message.role === "tool")
      .map(({ content }) => String(content)),
    reasoning: textsNamed("reasoning_content", messages),
    pictures: textsNamed("url", fieldsNamed("image_url", messages)).map((url) =>
      url.replace(/^data:image\/png;base64,/, ""),
    ),
  }),
  reasoningOf: thoughtOf,
  usageOf: usageWithReasoning,
};

/** A strict server of chat completions that works through a script. */
export async function scriptedChat(): Promise<ScriptedUpstream> {
  const script: ScriptedUpstream["script"] = { calls: [], requests: [] };
  const fake = await fakeChat((body) => {
    const { said, request, turn } = next(script, wire.told(body));
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = wire.usageOf(request);
    const usage = {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: cachedTokens },
      completion_tokens_details: { reasoning_tokens: reasoningTokens },
    };
    if ("text" in said) return { message: { content: said.text }, usage };
    const { name, args } = said.call;
    const called = { name, arguments: JSON.stringify(args) };
    return {
      message: {
        reasoning_content: said.thought,
        tool_calls: [{ id: `call_${turn}`, type: "function", function: called }],
      },
      finishReason: "tool_calls",
      usage,
    };
  });
  return {
    ...wire,
    name: "chat completions",
    provider: { type: "openai-compatible", base_url: fake.url },
    upstreamModel: "gpt-oss-120b",
    script,
  };
}
