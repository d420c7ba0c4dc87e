import { describe, expect, test } from "vitest";
import {
  called,
  chatCalled,
  imageUrl,
  inputImage,
  PNG,
  PNG_DATA,
  responsesCalled,
  user,
} from "./testing/conversations";
import { outcomeOf, plansOf } from "./testing/plans";
import { sentBy } from "./testing/translate";

const png = `data:image/png;base64,${PNG}`;
const answer = { name: "mark_label", description: "mark_described", schema: { type: "object" } };

/** Bodies with fields that clients rarely send, each with a mark. */
const BODIES = {
  chat: {
    model: "m",
    messages: [
      { role: "user", name: "mark_speaker", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: null, refusal: "mark_refused" },
      { role: "user", content: [{ ...imageUrl(png), image_url: { url: png, detail: "mark_detail" } }] },
      { role: "assistant", content: [{ type: "refusal", refusal: "mark_refused_too" }] },
      { role: "user", content: "b" },
    ],
    response_format: { type: "json_schema", json_schema: answer },
    tools: [{ type: "function", function: { name: "look", parameters: { type: "object" }, strict: true } }],
    metadata: { a: "mark_note" },
  },
  messages: {
    model: "m",
    max_tokens: 5_000,
    messages: [
      {
        role: "user",
        content: [
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQK" },
            title: "markTitle",
            context: "mark_context",
          },
          {
            type: "search_result",
            source: "mark_source",
            title: "mark_found",
            content: [{ type: "text", text: "mark_words" }],
          },
        ],
      },
    ],
    tools: [
      {
        name: "look",
        description: "Looks",
        input_schema: { type: "object" },
        input_examples: [{ a: "mark_example" }],
      },
    ],
  },
  responses: {
    model: "m",
    input: [
      {
        role: "developer",
        content: [
          { type: "input_text", text: "mark_words" },
          inputImage(`data:image/png;base64,${PNG_DATA("logo")}`),
        ],
      },
      { role: "user", content: [{ type: "input_image", image_url: png, detail: "mark_detail" }] },
      { role: "assistant", content: [{ type: "refusal", refusal: "mark_refused" }] },
      { role: "user", content: "b" },
    ],
    text: { format: { type: "json_schema", ...answer } },
    metadata: { a: "mark_note" },
  },
};

/** A name for the client's own logs. */
const LABEL = /^mark_label at /;

describe.each(Object.entries(BODIES))("a request of %s", (dialect, body) => {
  test.each(plansOf(dialect))("is said whole, or what is not is named, on the wire $wire: $model", (plan) => {
    const { lost, fault, misnamed } = outcomeOf(body, plan);
    expect({ lost: lost.filter((mark) => !LABEL.test(mark)), fault, misnamed }).toEqual({
      lost: [],
      fault: null,
      misnamed: [],
    });
  });
});

const WORDS = [
  user("mark_user"),
  { role: "developer", content: "mark_developer" },
  { role: "assistant", content: "mark_more" },
];

/** OpenAI takes the results of calls anywhere after them. */
describe.each(WORDS)("words of the $role among parallel calls and their results", (words) => {
  const { input, tools } = responsesCalled(null);
  const [hello, one, other, result, otherResult] = input;
  test.each(plansOf("responses"))("are said on the wire $wire: $model", (plan) => {
    for (const items of [
      [one, words, other, result, otherResult],
      [one, other, result, words, otherResult],
      [one, words, result, other, otherResult],
    ]) {
      const body = { model: "m", input: [hello, ...items, user("Go on.")], tools };
      const { fault, lost, refused } = outcomeOf(body, plan);
      expect({ fault, lost, refused }).toEqual({ fault: null, lost: [], refused: [] });
    }
  });
});

const WITH_CALLS = {
  chat: chatCalled(null),
  messages: { ...called(null), max_tokens: 5_000 },
  responses: responsesCalled(null),
};

describe.each(Object.entries(WITH_CALLS))(
  "a request of %s with earlier calls, but no tools",
  (dialect, body) => {
    test.each(plansOf(dialect))("is answered in words on the wire $wire: $model", (plan) => {
      const asked = { model: "m", ...body, tools: undefined };
      const { fault, refused, dropped } = outcomeOf(asked, plan);
      expect({ fault, refused, dropped }).toEqual({ fault: null, refused: [], dropped: [] });
    });
  },
);

test.each(["gemini", "chat", "responses"])("a cache mark in a result is named on the wire %s", (wire) => {
  const marked = [{ type: "text", text: "Rain", cache_control: { type: "ephemeral" } }];
  const { dropped } = sentBy("messages", wire, "gpt-5", {
    model: "m",
    max_tokens: 9,
    ...called(null, marked),
  });
  expect(dropped).toEqual(["messages[2].content[0].content[0].cache_control"]);
});

describe("tools that a choice does not allow are not shown to the model", () => {
  function sentNames(dialect: string, body: object): readonly string[] {
    const { sent } = sentBy(dialect, "gemini", "gemini-3.8-flash", { model: "m", ...body });
    return [...JSON.stringify(sent.tools).matchAll(/"name":"(\w+)"/g)].map(([, name = ""]) => name);
  }

  test("in chat", () => {
    const of = (name: string) => ({ type: "function", function: { name, parameters: {} } });
    const names = sentNames("chat", {
      messages: [{ role: "user", content: "Hi" }],
      tools: [of("look"), of("find")],
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [of("find")] } },
    });
    expect(names).toEqual(["find"]);
  });

  test("in responses, also those of a namespace", () => {
    const of = (name: string) => ({ type: "function", name, parameters: {} });
    const docs = { type: "namespace", name: "docs", tools: [of("read"), of("write")] };
    const allowed = [of("find"), { ...of("read"), namespace: "docs" }];
    const names = sentNames("responses", {
      input: "Hi",
      tools: [of("look"), of("find"), docs],
      tool_choice: { type: "allowed_tools", mode: "auto", tools: allowed },
    });
    expect(names).toEqual(["find", "docs__read"]);
  });
});
