import { describe, expect, test } from "vitest";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { messages } from "./dialect";
import { parseMessages as parseText } from "./parse";
import { parse, rejectionOf } from "./testing/parse";

const own = { name: "read", input_schema: { type: "object" } };
const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
const HOSTED = [
  "web_search_20250305",
  "web_fetch_20250910",
  "code_execution_20250825",
  "tool_search_tool_regex_20251119",
  "mcp_toolset",
  "advisor_20260301",
  "new_tool",
];
const demand = (at: number) => ({ code: "unsupported_parameter", param: `tools[${at}].type` });

describe("a tool that the provider runs", () => {
  test.each(HOSTED)("is left out and named beside others: %s", (type) => {
    const call = parse({ tools: [own, { type, name: "theirs" }, own] });
    expect(call.dropped).toEqual(["tools[1]"]);
    expect(JSON.parse(call.json)).toMatchObject({ tools: [own, own], max_tokens: 100 });
    const span = call.fields.get("tools");
    expect(JSON.parse(call.json.slice(span?.start, span?.end))).toEqual([own, own]);
  });

  test("says why a search that is demanded may not pass: the model has no rate, or a field is not known", () => {
    const why = (tool: object, maySearch: boolean): string => {
      const body = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }], tools: [tool] };
      try {
        parseText(JSON.stringify(body), () => maySearch);
        return "";
      } catch (error) {
        return String(error);
      }
    };
    expect(why(search, true)).toBe("");
    expect(why(search, false)).toContain("web_search_per_call");
    expect(why({ ...search, new_field: 1 }, true)).toContain("a field that Tollgate does not know");
    expect(why({ ...search, new_field: 1 }, false)).toContain("web_search_per_call");
  });

  test("takes what it was to find with it: nothing else would load the tools that are deferred", () => {
    const finder = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" };
    const later = (name: string) => ({ defer_loading: true, name, input_schema: { type: "object" } });
    const call = parse({
      tools: [own, finder, later("a"), { ...later("b"), defer_loading: false }, later("c")],
    });
    expect(call.dropped).toEqual(["tools[1]", "tools[2].defer_loading", "tools[4].defer_loading"]);
    const input_schema = { type: "object" };
    const left = [own, ...["a", "b", "c"].map((name) => ({ name, input_schema }))];
    expect(JSON.parse(call.json)).toMatchObject({ tools: left });
    expect(call.json).not.toContain("defer_loading");
    const span = call.fields.get("tools");
    expect(JSON.parse(call.json.slice(span?.start, span?.end))).toEqual(left);
  });

  test("leaves tools deferred that the client itself finds", () => {
    const deferred = { ...own, name: "a", defer_loading: true };
    const call = parse({ tools: [own, search, deferred] });
    expect(call.dropped).toEqual(["tools[1]"]);
    expect(JSON.parse(call.json)).toMatchObject({ tools: [own, deferred] });
  });

  test.each([
    ["first", [search, own], [own]],
    ["last", [own, search], [own]],
    ["around", [search, own, search], [own]],
  ])("may be %s in the list", (_, tools, kept) => {
    expect(JSON.parse(parse({ tools }).json)).toMatchObject({ tools: kept });
  });

  test.each([
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    ["another tool", { type: "tool", name: "read" }],
  ])("is an offer if the choice is %s", (_, choice) => {
    expect(parse({ tools: [own, search], tool_choice: choice }).dropped).toEqual(["tools[1]"]);
  });

  test.each<[string, object, number]>([
    ["the only one", { tools: [search] }, 0],
    ["one of several that all are", { tools: [search, { type: "code_execution_20250825", name: "x" }] }, 0],
    [
      "the tool that must be used",
      { tools: [own, search], tool_choice: { type: "tool", name: "web_search" } },
      1,
    ],
    ["one of those of which one must be used", { tools: [own, search], tool_choice: { type: "any" } }, 1],
  ])("is a demand as %s", (_, fields, at) => {
    expect(rejectionOf(fields)).toEqual(demand(at));
  });

  test("before a bound of another name leaves that where it can be replaced", () => {
    const body = { model: "m", tools: [search, own], options: { num_predict: 50 }, max_tokens: 50 };
    const call = parseText(JSON.stringify({ ...body, messages: [{ role: "user", content: "Hello!" }] }));
    const edits = { outputLimitTokens: 20, outputLimitField: "max_tokens", reasoningLimitTokens: null };
    const sent = messages.edit(call, {
      ...edits,
      upstreamModel: "m",
      streamUsage: true,
      searchLimit: null,
      encryptedReasoning: true,
    });
    expect(JSON.parse(sent)).toEqual({
      model: "m",
      tools: [own],
      options: {},
      max_tokens: 20,
      messages: [{ role: "user", content: "Hello!" }],
    });
  });

  test("leaves all other bytes of the body as they were", () => {
    const body = `{"model" : "m", "tools": [ ${JSON.stringify(own)} , ${JSON.stringify(search)} ],"max_tokens":1e2, "messages":[{"role":"user","content":"\\u0041 9007199254740993"}]}`;
    const { json } = parseText(body);
    expect(json).toBe(body.replace(` , ${JSON.stringify(search)}`, ""));
  });
});

describe("a search of a model that may search", () => {
  const parsed = (fields: object) =>
    parseText(
      JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "a" }], ...fields }),
      (model) => model === "m",
    );

  test("stays, with the client's bound or ours", () => {
    const call = parsed({ tools: [own, search] });
    expect(call).toMatchObject({ dropped: [], asks: { webSearches: 8 }, searches: { given: 8 } });
    expect(call.searches?.param).toBe("tools[1].type");
    const { max_uses: _, ...unbounded } = search;
    expect(parsed({ tools: [unbounded] })).toMatchObject({
      asks: { webSearches: 5 },
      searches: { given: null },
    });
    expect(() => parsed({ model: "other", tools: [search] })).toThrow(
      expect.objectContaining({ ...demand(0), message: expect.stringContaining("web_search_per_call") }),
    );
  });

  test.each<[string, object, boolean]>([
    ["beside others", { tools: [own, search] }, true],
    ["of which one must be used", { tools: [own, search], tool_choice: { type: "any" } }, false],
    ["by name", { tools: [own, search], tool_choice: { type: "tool", name: "web_search" } }, false],
    ["alone", { tools: [search] }, false],
    ["alone but for what is left out", { tools: [search, { type: "mcp_toolset", name: "x" }] }, false],
  ])("is an offer or a demand: %s", (_, fields, isOffer) => {
    const call = parsed(fields);
    expect(call.searches?.without !== null).toBe(isOffer);
    if (isOffer) expect(call.searches?.without?.()).toMatchObject({ dropped: ["tools[1]"], searches: null });
  });

  test("gets its bound within the client's own text", () => {
    const tool = '{"name":"web_search" , "type":"web_search_20250305","max_uses":8}';
    const text = `{"model":"m","max_tokens":1e2,"tools":[ ${JSON.stringify(own)},${tool} ],"messages":[{"role":"user","content":"a"}]}`;
    const call = parseText(text, () => true);

    expect(messages.edit(call, { ...NO_EDITS, searchLimit: 8 })).toBe(text);
    expect(messages.edit(call, { ...NO_EDITS, searchLimit: 2 })).toBe(
      text.replace('"max_uses":8', '"max_uses":2'),
    );
  });

  test("holds for its definition", () => {
    const bytes = (tools: object[]) => parsed({ tools }).growth.schemaBytes;
    expect(bytes([own, search]) - bytes([own])).toBeGreaterThan(4_000);
  });
});

test.each(["custom", "bash_20250124", "text_editor_20250728", "memory_20250818", "computer_20250124"])(
  "a tool that the client runs is kept: %s",
  (type) => {
    expect(parse({ tools: [{ type, name: "own" }] })).toMatchObject({ dropped: [], hasTools: true });
  },
);

test.each(["computer_toolset_20260801", "browser_toolset_20260801"])(
  "a toolset that the client runs is kept, without a name, and its prompt is held: %s",
  (type) => {
    const call = parse({ tools: [{ type, configs: { zoom: { enabled: false } } }] });
    expect(call).toMatchObject({ dropped: [], hasTools: true });
    expect(call.growth.schemaBytes).toBeGreaterThan(10_000);
  },
);

const web = { type: "web_search_20260318" };

test.each<[string, object, string]>([
  ["in a tool's place", { tool: web }, "tool.type"],
  ["that is not known there", { tool: { type: "new_tool" } }, "tool.type"],
  ["without a version", { tool: { type: "mcp_toolset" } }, "tool.type"],
  ["in a definition", { tool: { type: "tool_definition", definition: web } }, "tool.definition.type"],
  [
    "in a list of them",
    { tool: { type: "tool_definition", definition: [own, web] } },
    "tool.definition[1].type",
  ],
  ["in a list of tools", { tools: [own, web] }, "tools[1].type"],
  ["in a field that is not known", { new_field: { deeper: [[web]] } }, "new_field.deeper[0][0].type"],
  ["in what a definition has besides", { definition: { ...own, also: web } }, "definition.also.type"],
])("a hosted tool is found in a block and in a tool of the client's own, %s", (_, fields, at) => {
  const code = "unsupported_parameter";
  const messages = [{ role: "user", content: [{ type: "tool_addition", ...fields }] }];
  expect(rejectionOf({ messages })).toEqual({ code, param: `messages[0].content[0].${at}` });
  expect(rejectionOf({ tools: [{ ...own, ...fields }] })).toEqual({ code, param: `tools[0].${at}` });
});

test("a block that is a hosted tool itself is rejected", () => {
  const messages = [{ role: "user", content: [web] }];
  expect(rejectionOf({ messages })).toMatchObject({ param: "messages[0].content[0].type" });
});

test("neither a call by code nor what a tool takes is a hosted tool", () => {
  const properties = { tool: { type: "string" }, definition: { type: "string" }, of: web };
  const definition = { ...own, input_schema: { type: "object", properties } };
  const blocks = [
    {
      type: "tool_use",
      id: "t",
      name: "read",
      input: { tool: web },
      caller: { type: "code_execution_20250825" },
    },
    { type: "tool_addition", tool: { type: "tool_definition", definition } },
    { type: "tool_addition", tool: { type: "tool_reference", name: "read" } },
  ];
  const messages = [{ role: "assistant", content: blocks }];
  expect(rejectionOf({ messages, tools: [definition] })).toBeNull();
});

test("a field that some servers take for a hosted tool is rejected", () => {
  expect(rejectionOf({ tools: [{ ...own, google_search: {} }] })).toMatchObject({
    param: "tools[0].google_search",
  });
});
