import type { SeedModel } from "#lib/testing/seed";
import { TEXT } from "#lib/translation/testing/gemini/answers";
import { fakeGemini } from "#lib/translation/testing/gemini/server";
import { gatewayTo } from "./gateway-to";

/** Starts a gateway to a fake Google AI, which answers with a text where a test sets nothing else. */
export async function gatewayToGemini(model: Partial<SeedModel> = {}) {
  const upstream = await fakeGemini(() => ({ chunks: TEXT }));
  const gateway = await gatewayTo(upstream, {
    name: "gem",
    upstreamModel: "gemini-3-flash-preview",
    providerType: "google",
    ...model,
  });
  return { upstream, ...gateway };
}
