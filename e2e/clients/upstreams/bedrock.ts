import { NO_USAGE } from "#lib/credit/prices/meters";
import { REGION } from "#lib/providers/testing/fake-bedrock";
import { fakeConverse } from "#lib/translation/testing/converse/server";
import { SIGNATURE } from "#lib/translation/testing/converse/strict";
import { fieldsNamed, next, type ScriptedUpstream, type ScriptedWire, textsNamed } from "./script";

const wire: ScriptedWire = {
  told: ({ toolConfig, messages }) => ({
    tools: textsNamed("name", fieldsNamed("toolSpec", toolConfig)),
    results: fieldsNamed("toolResult", messages).map((result) => JSON.stringify(result)),
    reasoning: textsNamed("signature", fieldsNamed("reasoningText", messages)),
    pictures: textsNamed("bytes", fieldsNamed("image", messages)),
  }),
  reasoningOf: () => SIGNATURE,
  usageOf: (request) => ({
    ...NO_USAGE,
    inputTokens: 1_080 + request,
    cachedTokens: 50,
    cacheWriteTokens: 30,
    cacheWrite1hTokens: 20,
    outputTokens: 40,
  }),
};

/** A strict Bedrock, whose Converse works through a script. */
export async function scriptedBedrock(): Promise<ScriptedUpstream> {
  const script: ScriptedUpstream["script"] = { calls: [], requests: [] };
  const fake = await fakeConverse((body) => {
    const { said, request, turn } = next(script, wire.told(body));
    const { inputTokens, cachedTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens } =
      wire.usageOf(request);
    const usage = {
      inputTokens: inputTokens - cachedTokens - cacheWriteTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      cacheReadInputTokens: cachedTokens,
      cacheWriteInputTokens: cacheWriteTokens,
      cacheDetails: [
        { ttl: "1h", inputTokens: cacheWrite1hTokens },
        { ttl: "5m", inputTokens: cacheWriteTokens - cacheWrite1hTokens },
      ],
    };
    if ("text" in said) return { content: [{ text: said.text }], usage };
    const { name, args: input } = said.call;
    return {
      content: [
        { reasoningContent: { reasoningText: { text: said.thought, signature: wire.reasoningOf(turn) } } },
        { toolUse: { toolUseId: `tooluse_${turn}`, name, input } },
      ],
      stopReason: "tool_use",
      usage,
    };
  });
  return {
    ...wire,
    name: "Bedrock",
    provider: {
      type: "bedrock",
      base_url: fake.url,
      credentials: fake.keys,
      settings: { region: REGION },
    },
    upstreamModel: "us.amazon.nova-2-lite-v1:0",
    script,
  };
}
