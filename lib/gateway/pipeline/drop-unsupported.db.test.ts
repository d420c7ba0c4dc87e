import { beforeAll, describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { messages } from "#lib/dialects/messages/dialect";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { countTurns } from "#lib/testing/count-turns";
import { raw } from "#lib/testing/upstream/scenario";
import { parseDropping } from "./drop-unsupported";

const rates = { inputPerMtok: "1", outputPerMtok: "1" };
const json = (body: object) => raw(200, { "content-type": "application/json" }, JSON.stringify(body));
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

const gate = await testGateway({
  models: ["drops", "rejects"].map((name) => ({
    name,
    rates,
    contextWindow: 100_000,
    providerType: "openai",
  })),
  rules: [
    {
      path: "/v1/chat/completions",
      scenario: json({ choices: [{ message: { content: "Hi" }, finish_reason: "stop" }], usage }),
    },
    {
      path: "/v1/responses",
      scenario: json({ object: "response", output: [], usage: { input_tokens: 1, output_tokens: 1 } }),
    },
  ],
});

beforeAll(async () => {
  await gate.sql`UPDATE models SET drop_unsupported = true WHERE name = 'drops'`;
  await gate.gateway.routing({ fresh: true });
});

async function ask(path: string, body: object) {
  const given = path === "responses" ? { input: "Hi" } : { messages: [{ role: "user", content: "Hi" }] };
  const response = await gate.post(path, { model: "drops", ...given, ...body });
  const answered: unknown = await response.json();
  return { response, answered, sent: gate.upstream.requests.at(-1)?.body };
}

test("a search for tools that must be used goes with the deferral of what it was to find", async () => {
  const found = await gate.gateway.callers.find({ kind: "key", key: gate.seeded.apiKey }, { fresh: true });
  if (!found.found) throw new Error("the seeded key was not found");
  const own = (name: string) => ({ name, input_schema: { type: "object" }, defer_loading: true });
  const tools = [
    { type: "web_search_20250305", name: "web_search" },
    { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
    own("a"),
    own("b"),
  ];
  const body = { model: "drops", max_tokens: 9, tools, tool_choice: { type: "any" } };
  const call = await parseDropping(
    gate.gateway,
    messages,
    found.caller,
    JSON.stringify({ ...body, messages: [{ role: "user", content: "Hi" }] }),
  );
  expect(call.dropped.toSorted()).toEqual([
    "tools[0]",
    "tools[1]",
    "tools[2].defer_loading",
    "tools[3].defer_loading",
  ]);
  expect(call.json).not.toContain("defer_loading");
});

const run = { type: "function", name: "run", parameters: {} };
const chatTool = { type: "function", function: { name: "run" } };

test("others get their turn each time that a body is parsed again", async () => {
  const found = await gate.gateway.callers.find({ kind: "key", key: gate.seeded.apiKey }, { fresh: true });
  if (!found.found) throw new Error("the seeded key was not found");
  const turnsAt: number[] = [];
  const others = countTurns();
  const parse: typeof chat.parse = (text, maySearch) => {
    turnsAt.push(others.turns());
    return chat.parse(text, maySearch);
  };
  const body = {
    model: "drops",
    messages: [],
    web_search_options: {},
    service_tier: "priority",
    plugins: [1],
  };
  await parseDropping(gate.gateway, { name: "chat", parse }, found.caller, JSON.stringify(body)).catch(
    () => {},
  );
  others.stop();
  expect(turnsAt.length).toBeGreaterThan(2);
  expect(new Set(turnsAt).size).toBe(turnsAt.length);
});

describe("a model that drops what is not supported", () => {
  test.each<[string, string, object, string, object]>([
    ["a paid tier", "chat/completions", { service_tier: "priority" }, "service_tier", {}],
    ["a search", "chat/completions", { web_search_options: {}, seed: 5 }, "web_search_options", { seed: 5 }],
    [
      "more answers in a server's settings",
      "chat/completions",
      { extra_body: { best_of: 4, top_k: 5 } },
      "extra_body.best_of",
      { extra_body: { top_k: 5 } },
    ],
    [
      "the only tool, with the choice of it",
      "chat/completions",
      { tools: [{ type: "web_search" }], tool_choice: "required" },
      "tools[0]",
      {},
    ],
    [
      "tools that the model must use, by their places in the client's list",
      "responses",
      { tools: [{ type: "web_search" }, run, { type: "file_search" }], tool_choice: "required" },
      "tools[0],tools[2]",
      { tools: [run], tool_choice: "required" },
    ],
    [
      "a demand besides an offer",
      "responses",
      { tools: [{ type: "web_search" }, run], service_tier: "flex" },
      "service_tier,tools[0]",
      { tools: [run] },
    ],
    ["several", "chat/completions", { plugins: [{}], service_tier: "flex" }, "plugins,service_tier", {}],
  ])("goes on without %s, and names it", async (_, path, body, dropped, left) => {
    const { response, sent } = await ask(path, body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-tollgate-dropped")?.split(",").toSorted().join()).toBe(dropped);
    expect(sent).toMatchObject(left);
    for (const name of Object.keys(body)) if (!(name in left)) expect(sent).not.toHaveProperty(name);
    expect((await gate.rowOf(response)).dropped.toSorted().join()).toBe(dropped);
    // The same is rejected by another model.
    const rejected = await ask(path, { ...body, model: "rejects" });
    expect(rejected.answered).toMatchObject({ error: { code: "unsupported_parameter" } });
  });

  test("chooses no tool that is left out", async () => {
    const search = { type: "web_search" };
    const tool_choice = { type: "allowed_tools", mode: "required", tools: [search] };
    const { sent } = await ask("responses", { tools: [search, run], tool_choice });
    expect(sent).toMatchObject({ tools: [run] });
    expect(sent).not.toHaveProperty("tool_choice");
    const found = await gate.gateway.callers.find({ kind: "key", key: gate.seeded.apiKey }, { fresh: true });
    if (!found.found) throw new Error("the seeded key was not found");
    const hosted = { type: "web_search_20250305", name: "web_search" };
    const message = {
      model: "drops",
      max_tokens: 5,
      messages: [{ role: "user", content: "Hi" }],
      tools: [hosted, { name: "look", input_schema: { type: "object" } }],
      tool_choice: { type: "tool", name: "web_search" },
    };
    const call = await parseDropping(gate.gateway, messages, found.caller, JSON.stringify(message));
    expect(call.dropped).toEqual(["tools[0]"]);
    expect(JSON.parse(call.json)).not.toHaveProperty("tool_choice");
  });

  test.each<[string, string, object]>([
    ["an earlier response", "responses", { previous_response_id: "resp_1" }],
    ["storage", "chat/completions", { store: true }],
    ["a stored file", "chat/completions", { messages: [{ role: "system", content: "fileid://1" }] }],
  ])(
    "still rejects state at the provider, without which a request means something else: %s",
    async (_, path, body) => {
      const { response, answered } = await ask(path, body);
      expect(response.status).toBe(400);
      expect(answered).toMatchObject({ error: { code: "unsupported_parameter" } });
    },
  );

  test("still rejects what is no valid request", async () => {
    const { answered } = await ask("chat/completions", { service_tier: "flex", messages: [] });
    expect(answered).toMatchObject({ error: { code: "invalid_request", param: "messages" } });
  });

  test("goes on without a field that Tollgate does not know, if a budget applies", async () => {
    const body = { tools: [chatTool], mystery: { a: 1 }, my_server: { trace: 5 } };
    const free = await ask("chat/completions", body);
    expect(free.response.headers.get("x-tollgate-dropped")).toBeNull();
    expect(free.sent).toMatchObject(body);
    await gate.sql`UPDATE api_keys SET budget_period = 'total', budget_limit_usd = 5`;
    // The caller was known without the budget.
    await ask("chat/completions", body);
    const limited = await ask("chat/completions", body);
    expect(limited.response.status).toBe(200);
    expect(limited.response.headers.get("x-tollgate-dropped")).toBe("mystery,my_server");
    expect(limited.sent).not.toHaveProperty("mystery");
    expect(limited.sent).toMatchObject({ tools: [chatTool] });
    const rejected = await ask("chat/completions", { ...body, model: "rejects" });
    expect(rejected.answered).toMatchObject({ error: { code: "unsupported_parameter", param: "mystery" } });
    await gate.sql`UPDATE api_keys SET budget_limit_usd = NULL, budget_period = NULL`;
  });

  test("leaves out a field whose name looks like a place in a list, and not that place", async () => {
    await gate.sql`UPDATE api_keys SET budget_period = 'total', budget_limit_usd = 5`;
    const body = {
      messages: [
        { role: "system", content: "Hi" },
        { role: "user", content: "Hi" },
      ],
      "messages[0]": 1,
    };
    // The caller was known without the budget.
    await ask("chat/completions", body);
    const { response, sent } = await ask("chat/completions", body);
    await gate.sql`UPDATE api_keys SET budget_limit_usd = NULL, budget_period = NULL`;
    expect(response.headers.get("x-tollgate-dropped")).toBe("messages[0]");
    expect(sent).toMatchObject({ messages: body.messages });
    expect(sent).not.toHaveProperty(["messages[0]"]);
  });

  test("counts the input of what it would send", async () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const count = async (body: object) => {
      const response = await gate.post("messages/count_tokens", {
        messages: [{ role: "user", content: "Hi" }],
        ...body,
      });
      return response.json();
    };
    const plain = await count({ model: "drops" });
    expect(plain).toEqual({ input_tokens: expect.any(Number) });
    expect(await count({ model: "drops", tools: [search] })).toEqual(plain);
    expect(await count({ model: "rejects", tools: [search] })).toMatchObject({ type: "error" });
  });

  test("rejects a body with more of it than any client writes", async () => {
    const tools = Array.from({ length: 30 }, () => ({ type: "web_search" }));
    expect((await ask("chat/completions", { tools })).response.status).toBe(400);
  });
});
