import { afterEach, describe, expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, failure, raw, type Scenario } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
const answers: Scenario = chat({ chunks: 3, usagePlacement: "always" });
const noOptions = failure(400, "unknown_parameter", "Unrecognized request argument supplied: stream_options");
const noMaxTokens = failure(
  400,
  "unsupported_parameter",
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
);
const noNewName = raw(
  422,
  { "content-type": "application/json" },
  '{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted"}]}',
);
const OLD = { max_tokens: 50 };
const NEW = { max_completion_tokens: 50 };
const OPTIONS = { stream_options: { include_usage: true } };
const names = [
  "no-options",
  "new-name",
  "old-name",
  "no-name",
  "neither",
  "too-large",
  "setting",
  "quotes",
  "words",
  "unread",
  "silent",
];
const gate = await testGateway({
  models: names.map((name) => ({ name, rates: { inputPerMtok: "2", outputPerMtok: "8" } })),
  rules: [
    { model: "no-options", body: OPTIONS, scenario: noOptions },
    { model: "new-name", body: OLD, scenario: noMaxTokens },
    { model: "old-name", body: NEW, scenario: noNewName },
    { model: "no-name", body: OLD, scenario: noMaxTokens },
    { model: "no-name", body: NEW, scenario: noNewName },
    { model: "neither", body: OPTIONS, scenario: noOptions },
    { model: "neither", body: OLD, scenario: noMaxTokens },
    { model: "too-large", scenario: failure(400, "invalid_value", "max_tokens is too large: 50.") },
    {
      model: "quotes",
      scenario: failure(400, "invalid_value", "Invalid value: 'stream_options is unknown'."),
    },
    {
      model: "words",
      body: OPTIONS,
      scenario: raw(
        400,
        { "content-type": "application/json" },
        '{"error":{"message":"Unknown field: stream_options"}}',
      ),
    },
    { model: "unread", body: OLD, scenario: noMaxTokens },
    {
      model: "unread",
      scenario: chat({ chunks: 3, usage: { prompt_tokens: 9, completion_tokens: 51, total_tokens: 60 } }),
    },
    { model: "silent", body: OLD, scenario: noMaxTokens },
    { model: "silent", scenario: chat({ chunks: 3, usage: null }) },
    ...names.map((model) => ({ model, scenario: answers })),
  ],
});

const budget = (limitUsd: number | null) =>
  gate.sql`UPDATE organizations SET budget_limit_usd = ${limitUsd}, budget_period = ${limitUsd === null ? null : "total"} WHERE id = ${gate.seeded.ids.organization}`;
const settings = (value: Record<string, boolean>) =>
  gate.sql`UPDATE providers SET settings = ${gate.sql.json(value)} WHERE id = ${gate.seeded.ids.provider}`;
afterEach(() => budget(null));

async function ask(model: string, fields: object) {
  const before = gate.upstream.requests.length;
  const response = await gate.chat({ model, messages, ...fields });
  const text = await response.text();
  const row = await gate.settledRow(response.headers.get("x-request-id"));
  const sent = gate.upstream.requests.slice(before).map(({ body }) => {
    if (!isObject(body)) throw new Error("not an object");
    const { model: _, messages: __, stream: ___, ...rest } = body;
    return rest;
  });
  return { status: response.status, text, row, sent };
}
const ANSWERED = {
  status: "settled",
  usage_source: "provider",
  http_status: 200,
  // 9 × $2 + 3 × $8 per million: nothing for what was refused
  cost_usd: "0.000042000000",
};

describe("a provider that refuses stream_options", () => {
  test("is asked without them, and the next time at once", async () => {
    const first = await ask("no-options", { stream: true });
    expect(first.sent).toEqual([OPTIONS, {}]);
    expect(first.text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(first.row).toMatchObject(ANSWERED);
    const second = await ask("no-options", { stream: true, ...OPTIONS });
    expect(second.sent).toEqual([{}]);
    expect(second.row).toMatchObject(ANSWERED);
  });

  test("is never sent them if its settings say so", async () => {
    await settings({ stream_usage: false });
    const { sent, row } = await ask("setting", { stream: true, ...OPTIONS });
    expect(sent).toEqual([{}]);
    expect(row).toMatchObject(ANSWERED);
    await settings({});
    expect((await ask("setting", { stream: true })).sent).toEqual([OPTIONS]);
  });
});

describe("a provider that refuses the bound's name", () => {
  test.each([
    ["the client's, to a model that wants the new one", "new-name", OLD, NEW],
    ["the client's, to a model that knows the old one", "old-name", NEW, OLD],
  ])("gets the other name: %s", async (_, model, given, other) => {
    const first = await ask(model, given);
    expect(first.status).toBe(200);
    expect(first.row).toMatchObject(ANSWERED);
    expect(first.sent).toEqual([given, other]);
    expect((await ask(model, given)).sent).toEqual([other]);
    // No bound is added where the client names none.
    expect((await ask(model, {})).sent).toEqual([{}]);
    expect((await ask(model, other)).sent).toEqual([other]);
  });

  test("has a bound all the same under a hard budget, with the value that is held", async () => {
    await budget(1);
    const { sent, row } = await ask("new-name", { max_tokens: 50 });
    expect(row).toMatchObject(ANSWERED);
    expect(sent.at(-1)).toEqual(NEW);
    const unbounded = await ask("new-name", {});
    expect(unbounded.sent).toEqual([{ max_completion_tokens: expect.any(Number) }]);
  });

  test("gets no third request if it refuses both, and none without a bound", async () => {
    await budget(1);
    const { status, sent, row } = await ask("no-name", OLD);
    expect(status).toBe(422);
    expect(sent).toEqual([OLD, NEW]);
    expect(row).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
  });

  test("is not meant by an error about the value", async () => {
    const { status, sent } = await ask("too-large", OLD);
    expect(status).toBe(400);
    expect(sent).toEqual([OLD]);
  });
});

test("an error that may quote the client is no refusal", async () => {
  const { status, sent } = await ask("quotes", { stream: true });
  expect(status).toBe(400);
  expect(sent).toEqual([OPTIONS]);
});

test("a refusal of stream_options by words alone is believed for its own request", async () => {
  for (let round = 0; round < 2; round++) {
    const { sent, row } = await ask("words", { stream: true });
    expect(sent).toEqual([OPTIONS, {}]);
    expect(row).toMatchObject(ANSWERED);
  }
});

test("another name is remembered only after an output within the bound, by the provider's count", async () => {
  for (const model of ["unread", "silent"]) {
    for (let round = 0; round < 2; round++) {
      expect((await ask(model, OLD)).sent).toEqual([OLD, NEW]);
    }
  }
});

test("a provider that refuses both fields gets three requests, of which one costs", async () => {
  const { status, sent, row } = await ask("neither", { stream: true, ...OLD });
  expect(status).toBe(200);
  expect(sent).toEqual([{ ...OPTIONS, ...OLD }, OLD, NEW]);
  expect(row).toMatchObject(ANSWERED);
  await expectBalancedBooks(gate);
});
