import { describe, expect, test } from "vitest";
import { ERRORS_IN_A_200 } from "#lib/gateway/testing/errors-in-a-200";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { NOTHING_YET } from "#lib/gateway/testing/said-in-a-200";
import { scenarioGateway } from "#lib/gateway/testing/scenario-gateway";
import { raw, type Scenario } from "#lib/testing/upstream/scenario";

const JSON_TYPE = { "content-type": "application/json" };
const SSE = { "content-type": "text/event-stream" };

/** How the same error may arrive. */
const FORMS: readonly { form: string; stream: boolean; scenario: (body: unknown) => Scenario }[] = [
  { form: "whole", stream: false, scenario: (body) => raw(200, JSON_TYPE, JSON.stringify(body)) },
  {
    form: "json-for-stream",
    stream: true,
    scenario: (body) => raw(200, JSON_TYPE, JSON.stringify(body, null, 2)),
  },
  { form: "json-as-sse", stream: true, scenario: (body) => raw(200, SSE, JSON.stringify(body)) },
  { form: "event", stream: true, scenario: (body) => raw(200, SSE, `data: ${JSON.stringify(body)}\n\n`) },
  {
    form: "later-event",
    stream: true,
    scenario: (body) =>
      raw(200, SSE, [...NOTHING_YET, `data: ${JSON.stringify(body)}\n\n`, "data: [DONE]\n\n"]),
  },
  {
    form: "event-for-whole",
    stream: false,
    scenario: (body) => raw(200, SSE, `data: ${JSON.stringify(body)}\n\n`),
  },
];

const CASES = ERRORS_IN_A_200.flatMap(({ name, body, expected }) =>
  FORMS.map(({ form, stream, scenario }) => ({
    model: `${name}/${form}`,
    stream,
    expected,
    scenario: scenario(body),
  })),
);

const { gate, ask, expectNoKey } = await scenarioGateway(
  Object.fromEntries(CASES.map(({ model, scenario }) => [model, scenario])),
);

describe("an error inside a 200, before any content", () => {
  test.each(CASES)("$model: an HTTP error, not charged", async ({ model, stream, expected }) => {
    const { response, text, row } = await ask(model, stream);
    expect(response.status).toBe(expected.status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("retry-after")).toBe(expected.retryAfter ?? null);
    const body = JSON.parse(text);
    expect(body.error.code).toBe(expected.code);
    expect(body.error.message).toContain(expected.message);
    expectNoKey(text, [...response.headers]);
    expect(row).toMatchObject({
      status: "released",
      cost_usd: "0.000000000000",
      http_status: expected.status,
    });
    expectNoKey(row);
  });

  test.each(CASES)(
    "$model: another target answers, unless it is about the request",
    async ({ model, stream, expected }) => {
      const { response, text, row } = await ask(`${model}+`, stream);
      expectNoKey(text, [...response.headers]);
      if (expected.status === 400 || expected.status === 422) {
        expect(response.status).toBe(expected.status);
        return;
      }
      expect(response.status).toBe(200);
      expect(text).toContain(stream ? "[DONE]" : "Hello from the fake upstream.");
      expect(row).toMatchObject({ status: "settled", upstream_model: "instant", usage_source: "provider" });
      // 9 input and 5 output tokens: the failed target is not charged.
      expect(row.cost_usd).toBe("0.000102000000");
    },
  );
});

testBalancedBooks(gate);
