import { expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { TEXT } from "#lib/translation/testing/gemini/answers";
import { fakeGemini } from "#lib/translation/testing/gemini/server";

const upstream = await fakeGemini(() => ({ chunks: TEXT }));
const { gate } = await gatewayTo(upstream, {
  name: "gem",
  upstreamModel: "gemini-3.8-flash",
  providerType: "google",
});
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT t.model_id, t.provider_id, 'gemini-3-flash-preview', t.price_version_id, 1 FROM model_targets t`;
await gate.gateway.routing({ fresh: true });

const error = { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" };
const ask = { model: "gem", max_tokens: 100, messages: [{ role: "user", content: "Hello!" }] };

test("another target gets the same request when the first is overloaded, before a stream and within one", async () => {
  for (const status of [503, 200]) {
    upstream.answer = (model) =>
      model === "gemini-3.8-flash" ? { status, chunks: [{ error }] } : { chunks: TEXT };
    const answered = await gate.post("messages", { ...ask, stream: true });
    expect(await answered.text()).toContain('"text":"morning."');
    const [first, second] = upstream.requests.slice(-2);
    expect(second?.path).toContain("gemini-3-flash-preview");
    expect(second?.body).toEqual(first?.body);
    expect(await gate.rowOf(answered)).toMatchObject({
      upstream_model: "gemini-3-flash-preview",
      usage_source: "provider",
    });
  }
});
