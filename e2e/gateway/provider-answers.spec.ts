import { postChat } from "#lib/testing/post-chat";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import { type FakeUpstream, startFakeUpstream } from "#lib/testing/upstream/fake-upstream";
import { isEventStream, loadProviderAnswers, replay } from "#lib/testing/upstream/provider-answers";
import type { ProviderAnswer } from "#lib/testing/upstream/scenario";
import { expect, type Gate, settledRow, test } from "../fixtures";

const answers = loadProviderAnswers().filter(({ request }) => request.path === "/v1/chat/completions");
let upstream: FakeUpstream;
let seeded: Seeded;

test.beforeAll(async ({ gate }) => {
  upstream = await startFakeUpstream({ rules: replay(answers) });
  const upstreamModels = [...new Set(answers.map(({ request }) => String(request.body.model)))];
  seeded = await seedGateway(gate.databaseUrl, gate.encryptionKey, {
    upstreamUrl: upstream.url,
    models: upstreamModels.map((upstreamModel) => ({ name: gate.model(upstreamModel), upstreamModel })),
  });
});
test.afterAll(() => upstream.close());

for (const answer of answers) {
  test(`relays and meters ${answer.name} as the provider sent it`, async ({ gate }) => {
    const response = await ask(gate, answer);
    const text = await response.text();
    expect(response.status).toBe(answer.response.status);
    const row = await settledRow(gate, response.headers.get("x-request-id"));
    if (!response.ok) {
      expect(JSON.parse(text)).toEqual(JSON.parse(answer.response.body));
      expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
    } else {
      expect(text).toBe(
        isEventStream(answer) ? `${answer.response.body.trimEnd()}\n\n` : answer.response.body,
      );
      expect(row).toMatchObject({ status: "settled", http_status: 200, ...meteredBy(text) });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
    }
  });
}

/** What the ledger row says of the usage that `text` reports; without any, the row is estimated. */
function meteredBy(text: string) {
  const payloads = text.startsWith("data: ")
    ? [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => json)
    : [text];
  const usage = payloads.map((json) => JSON.parse(json ?? "").usage).find((reported) => reported);
  if (!usage) return { usage_source: "estimated" };
  const apart = usage.total_tokens - usage.prompt_tokens - usage.completion_tokens;
  return {
    usage_source: "provider",
    input_tokens: String(usage.prompt_tokens),
    output_tokens: String(usage.completion_tokens + apart),
    cached_tokens: String(usage.prompt_tokens_details?.cached_tokens ?? 0),
    reasoning_tokens: String(usage.completion_tokens_details?.reasoning_tokens ?? 0),
  };
}

function ask(gate: Gate, { request }: ProviderAnswer): Promise<Response> {
  const model = gate.model(String(request.body.model));
  return postChat(gate.v1, seeded.apiKey, { ...request.body, model });
}
