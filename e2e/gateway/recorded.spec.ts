import { type Seeded, seedGateway } from "#lib/testing/seed";
import { type FakeUpstream, startFakeUpstream } from "#lib/testing/upstream/fake-upstream";
import { loadRecordings, type Recording, replay } from "#lib/testing/upstream/recordings";
import { expect, type Gate, settledRow, test } from "../fixtures";

// What real providers answered lies beside the repository, as in CI, and is not part of it.
const recordings = loadRecordings().filter(({ request }) => request.path === "/v1/chat/completions");
let upstream: FakeUpstream;
let seeded: Seeded;

test.beforeAll(async ({ gate }) => {
  upstream = await startFakeUpstream({ rules: replay(recordings) });
  const upstreamModels = [...new Set(recordings.map(({ request }) => String(request.body.model)))];
  seeded = await seedGateway(gate.databaseUrl, gate.encryptionKey, {
    upstreamUrl: upstream.url,
    models: upstreamModels.map((upstreamModel) => ({ name: gate.model(upstreamModel), upstreamModel })),
  });
});
test.afterAll(() => upstream.close());

for (const recording of recordings) {
  const isStream = recording.response.headers["content-type"]?.startsWith("text/event-stream") ?? false;

  test(`relays and meters ${recording.name} as the provider sent it`, async ({ gate }) => {
    const response = await ask(gate, recording);
    const text = await response.text();
    expect(response.status).toBe(recording.response.status);
    const row = await settledRow(gate, response.headers.get("x-request-id"));
    if (!response.ok) {
      expect(JSON.parse(text)).toEqual(JSON.parse(recording.response.body));
      expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
    } else if (isStream) {
      expect(text).toBe(`${recording.response.body.trimEnd()}\n\n`);
      // Recorded without usage being asked for: metered by what was relayed.
      expect(row).toMatchObject({ status: "settled", http_status: 200, usage_source: "estimated" });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
    } else {
      expect(text).toBe(recording.response.body);
      const { usage } = JSON.parse(text);
      const apart = usage.total_tokens - usage.prompt_tokens - usage.completion_tokens;
      expect(row).toMatchObject({
        status: "settled",
        usage_source: "provider",
        input_tokens: String(usage.prompt_tokens),
        output_tokens: String(usage.completion_tokens + apart),
        cached_tokens: String(usage.prompt_tokens_details?.cached_tokens ?? 0),
        reasoning_tokens: String(usage.completion_tokens_details?.reasoning_tokens ?? 0),
      });
    }
  });
}

function ask(gate: Gate, { request }: Recording): Promise<Response> {
  return fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${seeded.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ ...request.body, model: gate.model(String(request.body.model)) }),
  });
}
