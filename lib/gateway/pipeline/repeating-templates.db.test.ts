import fc from "fast-check";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { answerWhole, billedBy, usageOf } from "#lib/gateway/testing/billing-provider";
import { statusesOf } from "#lib/gateway/testing/body-batches";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { giveBackSpentUsd, leaveBudget } from "#lib/gateway/testing/user-budget";
import { type TemplateForm, writtenRepeatedly } from "#lib/testing/upstream/repeating-template";

const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const contextWindow = 262_144;
const NEVER: TemplateForm = {
  promptTokens: { always: 60, withTools: 0 },
  toolsWith: "none",
  namesWithResult: 0,
  listsTools: false,
  isEscaped: false,
};

/** What each model's own template repeats or escapes. */
const FORMS: Readonly<Record<string, TemplateForm>> = {
  // github.com/vllm-project/vllm, examples/tool_chat_template_gemma4.jinja
  "google/gemma-4-31b-it": { ...NEVER, namesWithResult: 1 },
  "openai/gpt-oss-120b": { ...NEVER, namesWithResult: 1 },
  // github.com/ggml-org/llama.cpp, models/templates
  "deepseek-ai/DeepSeek-V3.2": {
    ...NEVER,
    toolsWith: "developer",
    promptTokens: { always: 0, withTools: 370 },
  },
  "ServiceNow-AI/Apriel-1.6-15b-Thinker": {
    ...NEVER,
    toolsWith: "system",
    promptTokens: { always: 60, withTools: 200 },
  },
  "moonshotai/Kimi-K3": { ...NEVER, namesWithResult: 1, isEscaped: true },
  "ai-sage/GigaChat3.5": { ...NEVER, namesWithResult: 1, listsTools: true },
  // examples/tool_chat_template_muse_glimmer.jinja and tool_chat_template_mistral.jinja in vLLM
  "muse-glimmer": {
    ...NEVER,
    toolsWith: "system",
    namesWithResult: 2,
    promptTokens: { always: 40, withTools: 400 },
  },
  "mistralai/Mistral-7B-Instruct-v0.3": { ...NEVER, toolsWith: "equal users" },
};
const CLAUDE = "anthropic/claude-sonnet-4-20250514";

const gate = await testGateway({
  models: [...Object.keys(FORMS), CLAUDE].map((upstreamModel) => ({
    name: upstreamModel,
    upstreamModel,
    rates,
    contextWindow,
  })),
});
/** A server that writes a body with its model's template, and bills each byte of that as a token. */
await billedBy(gate, (body, response) => answerWhole(response, "ok", usageOf(inputOf(body), 1)));

function inputOf(body: Record<string, unknown>): number {
  const { model, response_format: format } = body;
  const form = FORMS[String(model)];
  // LiteLLM makes a tool of it, and Claude's provider explains tools to a model that must use one.
  if (form === undefined) return 10 + (isObject(format) && format.type !== "text" ? 313 + 45 : 0);
  const written = writtenRepeatedly(body, form);
  return String(model).includes("gpt-oss")
    ? o200k(written)
    : Math.min(Buffer.byteLength(written), contextWindow);
}

const user = { role: "user", content: "x" };
const times = (count: number, each: object) => Array.from({ length: count }, () => each);
const calling = (name: string) => ({
  role: "assistant",
  content: "",
  tool_calls: [{ id: "a", type: "function", function: { name, arguments: "{}" } }],
});
const result = { role: "tool", tool_call_id: "a", content: "" };
const tool = (description: string, name = "f") => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties: {} } },
});
const noise = (length: number) =>
  Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * 7919 + at * at) % 90))).join("");

const EXAMPLES: [string, string, object][] = [
  [
    "the name of its call with each result",
    "google/gemma-4-31b-it",
    { messages: [user, calling("7".repeat(2_000)), ...times(100, result), user] },
  ],
  [
    "a long name with few results",
    "openai/gpt-oss-120b",
    { messages: [user, calling(noise(1_500)), ...times(80, result)] },
  ],
  [
    "a short name with many results",
    "openai/gpt-oss-120b",
    { messages: [user, calling(noise(64)), ...times(500, result)] },
  ],
  [
    "the name with each result, twice",
    "muse-glimmer",
    { messages: [user, calling("7".repeat(2_000)), ...times(50, result)] },
  ],
  [
    "the tools with each developer message",
    "deepseek-ai/DeepSeek-V3.2",
    { messages: [...times(50, { role: "developer", content: "" }), user], tools: [tool(noise(3_000))] },
  ],
  [
    "the tools with each system message",
    "ServiceNow-AI/Apriel-1.6-15b-Thinker",
    { messages: [...times(200, { role: "system", content: "" }), user], tools: [tool("word ".repeat(300))] },
  ],
  [
    "its own prompt with each system message",
    "ServiceNow-AI/Apriel-1.6-15b-Thinker",
    { messages: [...times(500, { role: "system", content: "" }), user] },
  ],
  [
    "the tools with each message that is equal to the last",
    "mistralai/Mistral-7B-Instruct-v0.3",
    {
      messages: [...times(20, user).flatMap((each) => [each, { role: "assistant", content: "y" }]), user],
      tools: [tool("7".repeat(3_000))],
    },
  ],
  [
    "the escapes of a name",
    "moonshotai/Kimi-K3",
    { messages: [{ role: "user", name: "&".repeat(10_000), content: "x" }] },
  ],
  [
    "the names of tools after each message of a user",
    "ai-sage/GigaChat3.5",
    {
      messages: times(40, { role: "user", content: "x" }).flatMap((each) => [
        each,
        { role: "assistant", content: "y" },
      ]),
      tools: [tool("", "7".repeat(1_000))],
    },
  ],
  [
    "the tool that a proxy makes of response_format",
    CLAUDE,
    { messages: [user], response_format: { type: "json_object" } },
  ],
];

test.each(EXAMPLES)(
  "what a template writes does not exceed what is held: %s (%s)",
  async (_, model, fields) => {
    const body = { model, max_tokens: 1, ...fields };
    await leaveBudget(gate, "10");
    const response = await gate.chat(body);
    expect(response.status).toBe(200);
    await response.text();
    const row = await gate.rowOf(response);
    expect(Number(row.overrun_usd)).toBe(0);
    // With a budget of less than it costs, not even one of twenty at once reaches the provider.
    const tight = Number(row.cost_usd) * 0.9;
    await leaveBudget(gate, String(tight));
    const answers = await Promise.all(
      times(20, body).map(async (each) => {
        const answer = await gate.chat(each);
        const { error } = await answer.json();
        return error?.code;
      }),
    );
    expect(new Set(answers)).toEqual(new Set(["insufficient_quota"]));
    await expectBalancedBooks(gate);
  },
);

const names = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((length) => "7".repeat(length)),
  fc.constantFrom("f", "get_weather", "&".repeat(99), '"<>'.repeat(40)),
);
const hostile = fc.record(
  {
    model: fc.constantFrom(...Object.keys(FORMS)),
    max_tokens: fc.constant(1),
    messages: fc
      .array(
        fc.tuple(
          fc.integer({ min: 1, max: 25 }),
          fc.oneof(
            fc.constantFrom<object>(
              user,
              result,
              { role: "system", content: "" },
              { role: "developer", content: "" },
            ),
            names.map(calling),
            names.map((name) => ({ ...user, name })),
          ),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((groups) => groups.flatMap(([count, each]) => times(count, each))),
    tools: fc.array(
      fc.tuple(fc.nat(500), names).map(([length, name]) => tool("7".repeat(length), name)),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: ["model", "max_tokens", "messages"] },
);

test("200 hostile bodies make templates write no more than is held", async () => {
  await giveBackSpentUsd(gate);
  await leaveBudget(gate, "0.5");
  const statuses = await statusesOf(hostile, {
    bodies: 200,
    atOnce: 20,
    send: async (body) => {
      const answer = await gate.chat(body);
      await answer.text();
      return answer.status;
    },
    afterBatch: async () => expect(await giveBackSpentUsd(gate)).toBeLessThanOrEqual(0.5),
  });
  const [ledger] = await gate.sql`
    SELECT count(*) FILTER (WHERE overrun_usd > 0)::int AS overruns FROM ledger`;
  expect(ledger).toEqual({ overruns: 0 });
  expect(statuses.get(200)).toBeGreaterThan(20);
}, 60_000);
