import { describe, expect, test } from "vitest";
import { parseResponses } from "./parse";

const run = { type: "function", name: "run", parameters: { type: "object", properties: {} } };
const search = { type: "web_search", external_web_access: false };

/** Processor time: other tests run beside this one. */
function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const parse = (body: object) => parseResponses(JSON.stringify({ model: "m", input: "a", ...body }));
const rejection = (param: string) =>
  expect.objectContaining({ status: 400, code: "unsupported_parameter", param });

const HOSTED: readonly [string, object][] = [
  ["web_search", {}],
  ["web_search_preview", {}],
  ["file_search", { vector_store_ids: ["vs_1"] }],
  ["code_interpreter", { container: { type: "auto" } }],
  ["image_generation", {}],
  ["mcp", { server_label: "x", server_url: "https://mcp.example" }],
  ["computer_use_preview", {}],
  ["shell", { environment: { type: "container_auto" } }],
  ["tool_search", {}],
  ["something_new", {}],
];

describe("tools of a response", () => {
  test.each<[string, object]>([
    ["a function", run],
    [
      "a custom tool",
      { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "a" } },
    ],
    ["a namespace", { type: "namespace", name: "n", description: "", tools: [run] }],
    ["a search by the client", { type: "tool_search", execution: "client", parameters: {} }],
    ["a local shell", { type: "shell", environment: { type: "local" } }],
    ["patches", { type: "apply_patch" }],
  ])("pass if the client runs them: %s", (_, tool) => {
    const call = parse({ tools: [tool] });
    expect(call).toMatchObject({ hasTools: true, dropped: [] });
    expect(JSON.parse(call.json).tools).toEqual([tool]);
  });

  test.each(HOSTED)("of the provider's own are left out and named beside others: %s", (type, fields) => {
    const call = parse({ tools: [{ type, ...fields }, run, { type, ...fields }] });
    expect(call.dropped).toEqual(["tools[0]", "tools[2]"]);
    expect(JSON.parse(call.json)).toEqual({ model: "m", input: "a", tools: [run] });
  });

  test.each(HOSTED)("of the provider's own are rejected alone: %s", (type, fields) => {
    expect(() => parse({ tools: [{ type, ...fields }] })).toThrow(rejection("tools[0].type"));
  });

  test.each<[string, unknown]>([
    ["tools[1].type", "required"],
    ["tool_choice.type", { type: "web_search" }],
    ["tool_choice.type", { type: "mcp", server_label: "x" }],
    [
      "tool_choice.tools[1].type",
      { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "run" }, search] },
    ],
  ])("of the provider's own are rejected if one is demanded: %s", (param, tool_choice) => {
    expect(() => parse({ tools: [run, search], tool_choice })).toThrow(rejection(param));
  });

  describe("of a model that may search", () => {
    const parsed = (body: object) =>
      parseResponses(JSON.stringify({ model: "m", input: "a", ...body }), (model) => model === "m");

    test("keep a search, with the client's bound on calls or ours", () => {
      const call = parsed({ tools: [run, search], max_tool_calls: 3 });
      expect(call).toMatchObject({ dropped: [], asks: { webSearches: 3 }, searches: { given: 3 } });
      expect(call.searches?.param).toBe("tools[1].type");
      expect(parsed({ tools: [search] })).toMatchObject({
        asks: { webSearches: 5 },
        searches: { given: null },
      });
      expect(() => parsed({ model: "other", tools: [search] })).toThrow(rejection("tools[0].type"));
      expect(() => parsed({ model: "other", tools: [search] })).toThrow("web_search_per_call");
      expect(() => parsed({ tools: [{ type: "image_generation" }] })).toThrow("billed separately");
      const beside = parsed({ tools: [{ type: "image_generation" }, run, search] });
      expect(beside).toMatchObject({ dropped: ["tools[0]"], searches: { param: "tools[2].type" } });
      const inItem = parsed({ input: [{ type: "additional_tools", tools: [search, run] }] });
      expect(inItem).toMatchObject({ dropped: [], searches: { param: "input[0].tools[0].type" } });
    });

    test.each<[string, object, boolean]>([
      ["beside others", { tools: [run, search] }, true],
      ["alone", { tools: [search] }, false],
      ["of which one must be used", { tools: [run, search], tool_choice: "required" }, false],
      ["by its type", { tools: [run, search], tool_choice: { type: "web_search" } }, false],
      [
        "by its type among others",
        { tools: [run, search], tool_choice: { type: "allowed_tools", mode: "auto", tools: [run, search] } },
        false,
      ],
    ])("have it as an offer or a demand: %s", (_, body, isOffer) => {
      const call = parsed(body);
      expect(call.searches?.without !== null).toBe(isOffer);
      if (isOffer) expect(call.searches?.without?.().dropped).toEqual(["tools[1]"]);
    });

    test("may not name a search that is not there", () => {
      expect(() => parsed({ tools: [run], tool_choice: { type: "web_search" } })).toThrow(
        rejection("tool_choice.type"),
      );
    });

    test("are rejected with another hosted tool where one must be used", () => {
      const body = { tools: [run, search, { type: "image_generation" }] };
      expect(parsed(body).dropped).toEqual(["tools[2]"]);
      expect(() => parsed({ ...body, tool_choice: "required" })).toThrow(rejection("tools[2].type"));
    });
  });

  test.each([undefined, null, "auto", "none", { type: "function", name: "run" }])(
    "of the provider's own are an offer if the choice is %j",
    (tool_choice) => {
      expect(parse({ tools: [run, search], tool_choice }).dropped).toEqual(["tools[1]"]);
    },
  );

  test("are judged within items, where every other byte stays", () => {
    const item =
      '{"type":"additional_tools" ,"tools":[ {"type":"web_search"}, {"type":"function","name":"f","n":1e2} ]}';
    const json = `{"model":"m","input":[${item},{"role":"user","content":"a"}],  "tools":[{"type":"web_search"}]}`;
    const call = parseResponses(json);
    expect(call.dropped).toEqual(["tools[0]", "input[0].tools[0]"]);
    expect(call.json).toBe(json.replace(' {"type":"web_search"},', "").replace('{"type":"web_search"}', ""));
    expect(call.hasTools).toBe(true);
    expect(() =>
      parse({
        input: [
          { type: "additional_tools", tools: [search] },
          { role: "user", content: "a" },
        ],
      }),
    ).toThrow(rejection("input[0].tools[0].type"));
  });

  test("take no longer to leave out for each of many items", () => {
    const offers = (items: number) => ({
      tools: [run],
      input: Array.from({ length: items }, () => ({ type: "additional_tools", tools: [search] })),
    });
    expect(parse(offers(500)).dropped).toHaveLength(500);
    expect(cpuMsOf(() => parse(offers(5_000)))).toBeLessThan(1_500);
  });

  test("of the provider's own are rejected within a namespace", () => {
    const space = { type: "namespace", name: "n", tools: [run, search] };
    expect(() => parse({ tools: [space] })).toThrow(rejection("tools[0].tools[1].type"));
  });

  test.each<[string, object]>([
    ["tools[0].google_search", { ...run, google_search: {} }],
    ["tools[0].vector_store_ids", { ...run, vector_store_ids: ["v"] }],
  ])("may not have what is billed apart: %s", (param, tool) => {
    expect(() => parse({ tools: [tool] })).toThrow(rejection(param));
  });

  test("may not say twice what they are", () => {
    expect(() =>
      parseResponses(
        '{"model":"m","input":"a","tools":[{"type":"web_search","name":"a","type":"function"}]}',
      ),
    ).toThrow(expect.objectContaining({ status: 400, param: "tools" }));
    expect(() => parse({ tools: [{ ...run, Type: "web_search" }] })).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  test.each([
    { type: "apply_patch" },
    { type: "local_shell" },
    { type: "shell", environment: { type: "local" } },
    { type: "tool_search", execution: "client" },
  ])("are held for with the definition that OpenAI writes: $type", (tool) => {
    for (const body of [{ tools: [tool] }, { input: [{ type: "additional_tools", tools: [tool] }] }]) {
      const { schemaBytes, always } = parse(body).growth;
      for (const held of [schemaBytes, always.bytes, always.tokens]) expect(held).toBeGreaterThan(1_000);
    }
    expect(parse({ tools: [run] }).growth.always.tokens).toBeLessThan(100);
  });

  test("are held for as they may be written out, those of items as well", () => {
    const inItem = [
      { type: "additional_tools", tools: [run] },
      { role: "user", content: "a" },
    ];
    const own = parse({ tools: [run] }).growth;
    expect(own.schemaBytes).toBeGreaterThan(0);
    expect(parse({ input: inItem }).growth).toMatchObject({
      schemaBytes: own.schemaBytes,
      signatures: own.signatures,
      repeats: { tools: 1, toolNameBytes: 3 },
    });
  });
});
