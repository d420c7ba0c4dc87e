import { expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { raw } from "#lib/testing/upstream/scenario";

const PARTS = 'event: dummy.part\ndata: {"text":"one"}\n\nevent: dummy.part\ndata: {"text":"two"}\n\n';
const scenario = {
  whole: raw(200, { "content-type": "application/json" }, '{"text":"one two","units_in":7}'),
  streamed: raw(200, { "content-type": "text/event-stream" }, [
    PARTS,
    'event: dummy.end\ndata: {"units_in":7,"internal":true}\n\n',
  ]),
  cut: raw(200, { "content-type": "text/event-stream" }, [PARTS]),
};

const gate = await testGateway({
  models: [{ name: "whole" }, { name: "streamed" }, { name: "cut" }],
  rules: Object.entries(scenario).map(([model, played]) => ({
    path: "/v1/dummies",
    model,
    scenario: played,
  })),
});
// With a budget, a request of a dialect with an output bound would get one.
await gate.sql`UPDATE users SET budget_limit_usd = 5, budget_period = 'total' WHERE id = ${gate.seeded.ids.user}`;

const post = (body: object, apiKey = gate.seeded.apiKey) =>
  fetch(`${gate.url}/dummies`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const settled = { status: "settled", endpoint: "dummies", usage_source: "provider", input_tokens: "7" };

test("a whole answer passes unchanged and is metered by the dialect", async () => {
  const answer = await post({ model: "whole", text: "Hello", unknown: 1 });
  expect(await answer.text()).toBe('{"text":"one two","units_in":7}');
  expect(await gate.settledRow(answer.headers.get("x-request-id"))).toMatchObject(settled);
  expect(gate.upstream.requests.at(-1)).toMatchObject({
    path: "/v1/dummies",
    body: { model: "whole", text: "Hello", unknown: 1 },
  });
});

test("a stream ends in the dialect's terminal event, after it is settled", async () => {
  const answer = await post({ model: "streamed", text: "Hello", stream: true });
  expect(await answer.text()).toBe(`${PARTS}event: dummy.end\ndata: {"units_in":7}\n\n`);
  expect(await gate.settledRow(answer.headers.get("x-request-id"))).toMatchObject(settled);
  expect(gate.upstream.requests.at(-1)?.body).toEqual({ model: "streamed", text: "Hello", stream: true });
});

test("a stream that breaks off ends in the dialect's error event", async () => {
  const answer = await post({ model: "cut", text: "Hello", stream: true });
  expect(await answer.text()).toMatch(/^event: dummy\.failed\ndata: \{"fault":".+"\}\n\n$/m);
});

test("errors have the dialect's shape, also before the body is read", async () => {
  for (const [answer, status, code] of [
    [await post({ model: "whole", text: "Hello" }, "tg_live_wrong"), 401, "invalid_api_key"],
    [await post({ model: "whole" }), 400, "invalid_request"],
    [await post({ model: "unknown", text: "Hello" }), 404, "model_not_found"],
  ] as const) {
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-dummy-code")).toBe(code);
    expect(await answer.json()).toMatchObject({ dummy_fault: { code } });
  }
});
