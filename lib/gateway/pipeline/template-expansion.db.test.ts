import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { statusesOf } from "#lib/gateway/testing/body-batches";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { giveBackSpentUsd, leaveBudget } from "#lib/gateway/testing/user-budget";
import { lenient } from "#lib/testing/upstream/scenario";

const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const contextWindow = 131_072;

// A server of open models that gives the chat template all that is in a body, and bills what it makes of it.
const gate = await testGateway({
  models: [
    { name: "open", rates, contextWindow },
    { name: "windowless", upstreamModel: "open", rates },
    { name: "gpt-oss", upstreamModel: "openai/gpt-oss-120b", rates, contextWindow },
    { name: "phi", upstreamModel: "phi4-reasoning:14b", rates, contextWindow: 32_768 },
  ],
  rules: [{ scenario: lenient({ contextWindow, visibleTokens: 3, writesTemplates: true }) }],
});
// The administrator allows two fields under hard budgets: what a template may write of them is held for.
await gate.sql`UPDATE providers SET settings = ${gate.sql.json({ extra_fields: ["eos_token", "theirs"] })}`;
const messages = [{ role: "user", content: "x" }];
const turns = Array.from({ length: 51 }, (_, at) => ({ role: at % 2 ? "assistant" : "user", content: "y" }));

afterEach(() => leaveBudget(gate, null));

async function ask(fields: object) {
  const response = await gate.chat({ model: "open", max_tokens: 1, messages, ...fields });
  const body = await response.json();
  return { response, body };
}

/** Rows that cost more than was held, but for those of a caller without a limit. */
async function overruns(): Promise<number> {
  const [row] = await gate.sql`
    SELECT count(*)::int AS rows FROM ledger WHERE overrun_usd > 0 AND model <> 'windowless'`;
  return row?.rows;
}

/** A list within 150 others, in which each line of an indented form is 600 spaces. */
const deep = JSON.parse(`${"[".repeat(150)}${"1,".repeat(4_000)}1${"]".repeat(150)}`);
const many = Array(3_000).fill({});

describe("what a client hands to a chat template", () => {
  test.each<[string, object]>([
    ["chat_template_kwargs.custom_tools", { chat_template_kwargs: { custom_tools: [deep] } }],
    ["chat_template_kwargs.tools", { chat_template_kwargs: { tools: [deep] } }],
    ["chat_template_kwargs.documents", { chat_template_kwargs: { documents: many } }],
    [
      "chat_template_kwargs.eos_token",
      { messages: turns, chat_template_kwargs: { eos_token: "7".repeat(3_500) } },
    ],
    [
      "extra_body.chat_template_kwargs.eos_token",
      { extra_body: { chat_template_kwargs: { eos_token: "7".repeat(3_500) } } },
    ],
  ])("is a 400 that names %s, with a budget and without", async (param, fields) => {
    const before = gate.upstream.requests.length;
    for (const usd of ["0.03", null]) {
      await leaveBudget(gate, usd);
      const { response, body } = await ask(fields);
      expect(response.status).toBe(400);
      expect(body.error).toMatchObject({ code: "unsupported_parameter", param });
    }
    expect(gate.upstream.requests.length).toBe(before);
  });

  test("may be a switch", async () => {
    await leaveBudget(gate, "0.03");
    const { response } = await ask({
      chat_template_kwargs: { enable_thinking: false, reasoning_effort: "low" },
    });
    expect(response.status).toBe(200);
    expect(await gate.rowOf(response)).toMatchObject({ status: "settled", overrun_usd: "0.000000000000" });
  });
});

describe("a field that Tollgate does not know, whose value a template can write out", () => {
  const unknown: [string, object][] = [
    ["documents", { documents: many }],
    ["eos_token", { messages: turns, eos_token: "7".repeat(2_000) }],
    ["theirs.custom_tools", { theirs: { custom_tools: [[1]] } }],
  ];

  test.each(unknown)("is held at the context window: %s", async (_, fields) => {
    await leaveBudget(gate, "1");
    const { response } = await ask(fields);
    expect(response.status).toBe(200);
    // 131 072 tokens at $3, and 1 at $15.
    expect(await gate.rowOf(response)).toMatchObject({
      hold_usd: "0.393231000000",
      overrun_usd: "0.000000000000",
    });
  });

  test.each(unknown)("does not fit a budget that its length in the body would fit: %s", async (_, fields) => {
    await leaveBudget(gate, "0.05");
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(fields)));
    for (const { body } of answers) expect(body.error.code).toBe("insufficient_quota");
  });

  test.each(unknown)(
    "is a 400 under a hard budget if the model has no context window: %s",
    async (param, fields) => {
      await leaveBudget(gate, "1");
      const { response, body } = await ask({ model: "windowless", ...fields });
      expect(response.status).toBe(400);
      expect(body.error).toMatchObject({ code: "invalid_request", param });
      expect(body.error.message).toContain("ask an administrator to set the model's context_window");
    },
  );

  test.each(unknown)("is the provider's to judge if nothing limits the caller: %s", async (_, fields) => {
    const { response } = await ask({ model: "windowless", ...fields });
    expect(response.status).toBe(200);
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject(fields);
  });
});

describe("what templates write more than once", () => {
  test.each<[string, object]>([
    ["a word of unknown meaning, with each message", { messages: turns, eos_token: "7".repeat(64) }],
    [
      "the names of properties",
      { tools: [tool({ properties: { ["7".repeat(20_000)]: { type: "string", description: "" } } })] },
    ],
    [
      "the descriptions of properties",
      { tools: [tool({ properties: { a: { type: "string", description: "7".repeat(20_000) } } })] },
    ],
    ["the name of a tool", { tools: [tool({}, "7".repeat(20_000))] }],
    ["the name of a call, with each result", { model: "gpt-oss", messages: results(30, "7".repeat(3_000)) }],
  ])("is held: %s", async (_, fields) => {
    await leaveBudget(gate, "10");
    const { response } = await ask(fields);
    expect(response.status).toBe(200);
    const { cost_usd: cost } = await gate.rowOf(response);
    await leaveBudget(gate, String(Number(cost) * 0.95));
    expect((await ask(fields)).body.error.code).toBe("insufficient_quota");
    await leaveBudget(gate, "0.05");
    await Promise.all(Array.from({ length: 20 }, () => ask(fields)));
    await expectBalancedBooks(gate);
    expect(await overruns()).toBe(0);
  });

  test("is held: a default system prompt that is named nowhere", async () => {
    await leaveBudget(gate, "0.00035");
    const { body } = await ask({ model: "phi" });
    expect(body.error.code).toBe("insufficient_quota");
    await leaveBudget(gate, "1");
    const { response } = await ask({ model: "phi" });
    // Its template's own system prompt makes 228 tokens of this.
    expect(Number((await gate.rowOf(response)).hold_usd)).toBeGreaterThan(0.000699);
  });
});

function tool(parameters: object, name = "f") {
  return { type: "function", function: { name, description: "", parameters } };
}

function results(count: number, name: string) {
  const call = { id: "a", type: "function", function: { name, arguments: "{}" } };
  const answer = { role: "assistant", content: null, tool_calls: [call] };
  return [
    ...messages,
    answer,
    ...Array.from({ length: count }, () => ({ role: "tool", tool_call_id: "a", content: "" })),
  ];
}

const digits = fc.integer({ min: 1, max: 2_000 }).map((length) => "7".repeat(length));
const list = fc.constantFrom<unknown>([], many.slice(0, 200), [[[[1, 1, 1]]]], [{ name: "f" }]);
const field = fc.oneof(
  fc.tuple(fc.constantFrom("documents", "custom_tools", "extra_documents"), list),
  fc.tuple(fc.constantFrom("eos_token", "bos_token"), fc.oneof(digits, fc.constantFrom("</s>", null, 5))),
  fc.tuple(
    fc.constant("tools"),
    fc.array(
      digits.chain((name) =>
        fc.constantFrom(
          tool({ properties: { [name]: { type: "string", description: name } } }),
          tool({}, name),
        ),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  ),
);
const hostile = fc.tuple(
  fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => Object.fromEntries(fields)),
  fc.oneof(
    fc.constantFrom<object[]>(messages, turns),
    fc.tuple(fc.integer({ min: 1, max: 60 }), digits).map(([count, name]) => results(count, name)),
  ),
  fc.boolean(),
);

test("200 hostile bodies make a template write no more than is held for them", async () => {
  await giveBackSpentUsd(gate);
  await leaveBudget(gate, "0.6");
  const statuses = await statusesOf(hostile, {
    bodies: 200,
    atOnce: 10,
    send: async ([fields, conversation, isNested]) => {
      const asked = isNested ? { chat_template_kwargs: fields } : fields;
      return (await ask({ messages: conversation, ...asked })).response.status;
    },
    afterBatch: async () => expect(await giveBackSpentUsd(gate)).toBeLessThanOrEqual(0.6),
  });
  expect(await overruns()).toBe(0);
  expect(statuses.get(200)).toBeGreaterThan(10);
  expect(statuses.get(400)).toBeGreaterThan(10);
}, 60_000);
