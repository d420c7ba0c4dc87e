import { describe, expect, test } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { withoutEnvelopes } from "./passed-envelopes";
import * as converse from "./testing/converse/answers";
import { converseFault } from "./testing/converse/strict";
import { ended, said } from "./testing/gemini/answers";
import { answeredBy, callOf, eventsOf, sentBy } from "./testing/translate";

const PAGE = "https://example.com/rain";
/** A character that is two units of a string and four bytes. */
const TEXT = "🌧 It rains. It is cold.";
/** Of `It rains.`, in characters. */
const RAINS = { start: 2, end: 11 };

const DOCUMENT = {
  type: "document",
  source: { type: "text", media_type: "text/plain", data: "The grass is green." },
  citations: { enabled: true },
};
const REQUESTS: Readonly<Record<string, JsonObject>> = {
  chat: { model: "m", messages: [{ role: "user", content: "Hi" }] },
  messages: {
    model: "m",
    max_tokens: 99,
    messages: [{ role: "user", content: [DOCUMENT, { type: "text", text: "Hi" }] }],
  },
  responses: { model: "m", input: "Hi" },
};

const annotation = { start_index: RAINS.start, end_index: RAINS.end, url: PAGE, title: "Rain" };
const chunk = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});

/** The same answer on each wire, whole and as a stream, with a page of the web for a part of it. */
const CITING: Readonly<Record<string, { whole: string; stream: string }>> = {
  chat: answers(
    {
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: TEXT,
            annotations: [{ type: "url_citation", url_citation: annotation }],
          },
          finish_reason: "stop",
        },
      ],
    },
    [
      chunk({ role: "assistant", content: TEXT }),
      chunk({ annotations: [{ type: "url_citation", url_citation: annotation }] }),
      chunk({}, "stop"),
      "[DONE]",
    ],
  ),
  responses: answers(response([{ type: "url_citation", ...annotation }]), [
    { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: TEXT },
    {
      type: "response.output_text.annotation.added",
      output_index: 0,
      content_index: 0,
      annotation: { type: "url_citation", ...annotation },
    },
    { type: "response.completed", response: response([{ type: "url_citation", ...annotation }]) },
  ]),
  gemini: answers(
    {
      ...ended("STOP", { text: TEXT }),
      candidates: [{ ...ended("STOP", { text: TEXT }).candidates[0], ...grounding() }],
    },
    [
      said({ text: TEXT }),
      { ...ended("STOP"), candidates: [{ ...ended("STOP").candidates[0], ...grounding() }] },
    ],
  ),
};

function answers(whole: object, events: readonly (object | string)[]) {
  return { whole: JSON.stringify(whole), stream: eventsOf(events) };
}

function response(annotations: readonly object[]) {
  const content = [{ type: "output_text", text: TEXT, annotations }];
  return {
    id: "r",
    object: "response",
    status: "completed",
    output: [{ type: "message", role: "assistant", content }],
  };
}

/** In bytes (ai.google.dev/api/generate-content#Segment). */
function grounding() {
  return {
    groundingMetadata: {
      groundingChunks: [{ web: { uri: PAGE, title: "Rain" } }],
      groundingSupports: [
        { segment: { startIndex: 5, endIndex: 14, text: "It rains." }, groundingChunkIndices: [0] },
      ],
    },
  };
}

async function answered(dialect: string, wire: string, isStream: boolean): Promise<string> {
  const { whole = "", stream = "" } = CITING[wire] ?? {};
  const request = { ...REQUESTS[dialect], stream: isStream };
  return answeredBy(dialect, wire, request, [isStream ? stream : whole]);
}

const inChat = JSON.stringify([{ type: "url_citation", url_citation: annotation }]);
const inResponses = JSON.stringify({
  type: "url_citation",
  start_index: RAINS.start,
  end_index: RAINS.end,
  url: PAGE,
  title: "Rain",
});

describe.each([
  ["whole", false],
  ["streamed", true],
] as const)("a page that an answer refers to, %s", (_, isStream) => {
  test.each(["responses", "gemini"])("is an annotation of a chat completion: %s", async (wire) => {
    expect(await answered("chat", wire, isStream)).toContain(`"annotations":${inChat}`);
  });

  test.each(["chat", "gemini"])("is an annotation of a response's text: %s", async (wire) => {
    const text = await answered("responses", wire, isStream);
    expect(text).toContain(`"annotations":[${inResponses}]`);
    if (isStream) expect(text).toContain(`"annotation_index":0,"annotation":${inResponses}`);
  });

  test.each(["chat", "responses", "gemini"])("is a citation of a message's text: %s", async (wire) => {
    const text = await answered("messages", wire, isStream);
    const citation = `{"type":"web_search_result_location","url":"${PAGE}","title":"Rain","encrypted_index":"tg1.`;
    expect(text).toContain(
      isStream ? `"type":"citations_delta","citation":${citation}` : `"citations":[${citation}`,
    );
  });
});

test("a text that follows a citation has a block of its own in a message", async () => {
  const events = [
    chunk({ role: "assistant", content: "It rains." }),
    chunk({ annotations: [{ type: "url_citation", url_citation: annotation }] }),
    chunk({ content: " It is cold." }),
    chunk({}, "stop"),
  ];
  const request = { ...REQUESTS.messages, stream: true };
  const text = await answeredBy("messages", "chat", request, [eventsOf([...events, "[DONE]"])]);
  expect([...text.matchAll(/"type":"content_block_start"/g)]).toHaveLength(2);
  expect(text).toMatch(/"index":1,"delta":\{"type":"text_delta","text":" It is cold\."/);
});

test("what Gemini repeats of a page is cited under both names that Google has for it", async () => {
  for (const name of ["citationSources", "citations"]) {
    const candidate = {
      ...ended("STOP", { text: "It rains." }).candidates[0],
      citationMetadata: { [name]: [{ endIndex: 9, uri: PAGE }, { endIndex: 9 }] },
    };
    const whole = JSON.stringify({ ...ended("STOP"), candidates: [candidate] });
    const { choices } = JSON.parse(await answeredBy("chat", "gemini", REQUESTS.chat ?? {}, [whole]));
    const cited = { start_index: 0, end_index: 9, url: PAGE, title: PAGE };
    expect(choices[0].message.annotations).toEqual([{ type: "url_citation", url_citation: cited }]);
  }
});

describe("citations of Claude", () => {
  const found = {
    type: "web_search_result_location",
    url: PAGE,
    title: "Rain",
    encrypted_index: "x",
    cited_text: "Rain",
  };
  const page = { type: "page_location", document_index: 0, start_page_number: 1, end_page_number: 2 };
  const text = (said: string, citations: readonly object[]) => ({ type: "text", text: said, citations });
  const content = [text("🌧 Today: ", []), text("It rains.", [found, page])];
  const message = { type: "message", role: "assistant", content, stop_reason: "end_turn" };
  const block = (index: number, said: string, citations: readonly object[]) => [
    { type: "content_block_start", index, content_block: text("", []) },
    // They come before the text.
    ...citations.map((citation) => ({
      type: "content_block_delta",
      index,
      delta: { type: "citations_delta", citation },
    })),
    { type: "content_block_delta", index, delta: { type: "text_delta", text: said } },
    { type: "content_block_stop", index },
  ];
  const events = [
    { type: "message_start", message: { ...message, content: [] } },
    ...block(0, "🌧 Today: ", []),
    ...block(1, "It rains.", [found, page]),
    { type: "message_delta", delta: { stop_reason: "end_turn" } },
    { type: "message_stop" },
  ];
  const cited = { start_index: 9, end_index: 18, url: PAGE, title: "Rain" };

  test("are annotations if they are to pages of the web, and left out if they are to documents", async () => {
    const whole = await answeredBy("chat", "messages", REQUESTS.chat ?? {}, [JSON.stringify(message)]);
    expect(JSON.parse(whole).choices[0].message.annotations).toEqual([
      { type: "url_citation", url_citation: cited },
    ]);
    const request = { ...REQUESTS.responses, stream: true };
    const streamed = await answeredBy("responses", "messages", request, [eventsOf(events)]);
    expect(streamed).toContain(`"annotations":[${JSON.stringify({ type: "url_citation", ...cited })}]`);
  });
});

describe("documents that Claude is to cite on Bedrock", () => {
  const CLAUDE = "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5";
  const location = { documentChar: { documentIndex: 0, start: 4, end: 9 } };
  const citation = { title: "Grass", sourceContent: [{ text: "grass" }], location };
  const inMessages = {
    type: "char_location",
    cited_text: "grass",
    document_index: 0,
    document_title: "Grass",
    start_char_index: 4,
    end_char_index: 9,
  };
  const words = [
    { type: "text", text: "Well, " },
    { type: "text", text: "it is grass.", citations: [inMessages] },
  ];

  test("are asked for", () => {
    const { sent, dropped } = sentBy("messages", "converse", CLAUDE, REQUESTS.messages ?? {});
    expect(JSON.stringify(sent)).toContain('"citations":{"enabled":true}');
    expect(dropped).toEqual([]);
    expect(converseFault(CLAUDE, sent)).toBeNull();
  });

  test("are named where the model cites none", () => {
    for (const [wire, model] of [
      ["converse", "us.amazon.nova-2-lite-v1:0"],
      ["gemini", "gemini-3.8-flash"],
      ["chat", "m"],
      ["responses", "gpt-5"],
    ] as const) {
      const { sent, dropped } = sentBy("messages", wire, model, REQUESTS.messages ?? {});
      expect(JSON.stringify(sent)).not.toContain("citations");
      expect(dropped).toEqual(["messages[0].content[0].citations"]);
    }
  });

  test("are named where they are in a result", () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "read", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [DOCUMENT] }] },
    ];
    const { dropped } = sentBy("messages", "gemini", "gemini-3.8-flash", {
      model: "m",
      max_tokens: 9,
      messages,
    });
    expect(dropped).toEqual(["messages[2].content[0].content[0].citations"]);
  });

  test("are citations of a whole message", async () => {
    const content = [
      { text: "Well, " },
      { citationsContent: { content: [{ text: "it is grass." }], citations: [citation] } },
    ];
    const whole = JSON.stringify(converse.wholeOf({ content }));
    const answer = await answeredBy("messages", "converse", REQUESTS.messages ?? {}, [whole], CLAUDE);
    expect(JSON.parse(answer).content).toEqual(words);
  });

  test("are citations of a message that arrives in parts", async () => {
    const delta = (contentBlockIndex: number, delta: JsonObject) =>
      ["contentBlockDelta", { contentBlockIndex, delta }] as const;
    const events = converse.sseOf([
      ["messageStart", { role: "assistant" }],
      delta(0, { text: "Well, " }),
      ["contentBlockStop", { contentBlockIndex: 0 }],
      delta(1, { text: "it is grass." }),
      delta(1, { citation }),
      ["contentBlockStop", { contentBlockIndex: 1 }],
      ["messageStop", { stopReason: "end_turn" }],
      ["metadata", { usage: converse.USAGE }],
    ]);
    const request = { ...REQUESTS.messages, stream: true };
    const answer = await answeredBy("messages", "converse", request, [events], CLAUDE);
    const blocks = [...answer.matchAll(/"type":"content_block_start","index":(\d)/g)].map(([, at]) => at);
    expect(blocks).toEqual(["0", "1"]);
    expect(answer).toContain(
      `"index":1,"delta":{"type":"citations_delta","citation":${JSON.stringify(inMessages)}`,
    );
  });
});

describe("citations that a client sends back", () => {
  const citations = [
    { type: "char_location", cited_text: "grass", document_index: 0, start_char_index: 4, end_char_index: 9 },
  ];
  const turns = (answer: object) => [
    { role: "user", content: "Hi" },
    answer,
    { role: "user", content: "And?" },
  ];
  const HISTORY: Readonly<Record<string, JsonObject>> = {
    chat: {
      model: "m",
      messages: turns({
        role: "assistant",
        content: TEXT,
        annotations: [{ type: "url_citation", url_citation: annotation }],
      }),
    },
    messages: {
      model: "m",
      max_tokens: 9,
      messages: turns({ role: "assistant", content: [{ type: "text", text: TEXT, citations }] }),
    },
    responses: {
      model: "m",
      input: turns({
        type: "message",
        role: "assistant",
        content: [
          { type: "output_text", text: TEXT, annotations: [{ type: "url_citation", ...annotation }] },
        ],
      }),
    },
  };

  test.each(Object.entries(HISTORY))("pass under a hard budget in %s", (dialect, body) => {
    expect(callOf(dialect, body).unknownFields).toEqual([]);
  });

  test.each([
    ["chat", "messages[1].annotations"],
    ["messages", "messages[1].content[0].citations"],
    ["responses", "input[1].content[0].annotations"],
  ])("are left out and named where they are translated: %s", (dialect, path) => {
    const { sent, dropped, refused } = sentBy(dialect, "gemini", "gemini-3.8-flash", HISTORY[dialect] ?? {});
    expect(JSON.stringify(sent)).toContain("It rains.");
    expect({ dropped, refused }).toEqual({ dropped: [path], refused: [] });
  });

  test("are left out for Anthropic if they are another provider's", async () => {
    const { content } = JSON.parse(await answered("messages", "chat", false));
    const body = JSON.stringify({
      model: "m",
      max_tokens: 9,
      messages: turns({ role: "assistant", content }),
    });
    const opened = withoutEnvelopes(body, "messages", "scope000");
    expect(JSON.parse(opened.body).messages[1].content).toEqual([
      { type: "text", text: TEXT, citations: [] },
    ]);
    expect(opened.dropped).toEqual(["messages[1].content[0].citations[0]"]);
  });
});
