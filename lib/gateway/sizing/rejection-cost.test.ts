import { expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import type { Dialect } from "#lib/dialects/dialect";
import { png } from "#lib/dialects/media/testing/media-files";
import { messages } from "#lib/dialects/messages/dialect";
import { responses } from "#lib/dialects/responses/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { expectCpuRatio } from "#lib/testing/promptness";
import { estimateInputTokens, inputTokenBound } from "./estimate";
import { countedInputBound, leastInputTokens } from "./spending-bound";

/** A cent, at $1 per million tokens. */
const MOST_THAT_FITS = 10_000;
const SENTENCE = 'The quick brown fox, which slept until "10:45", jumps; nobody knows why.\n';

const listOf = <Item>(length: number, itemOf: (at: number) => Item): Item[] =>
  Array.from({ length }, (_, at) => itemOf(at));

const turn = (at: number) => ({ role: at % 2 === 0 ? "user" : "assistant", content: SENTENCE.repeat(5) });
const picture = () => ({
  type: "image_url",
  image_url: { url: `data:image/png;base64,${png(1_000, 1_000, 75_000)}` },
});
const callAndResult = (at: number) => [
  {
    role: "assistant",
    content: null,
    tool_calls: [
      {
        id: `call_${at}`,
        type: "function",
        function: { name: "write_file", arguments: JSON.stringify({ path: `/${at}.ts`, content: SENTENCE }) },
      },
    ],
  },
  { role: "tool", tool_call_id: `call_${at}`, content: `{"ok": true, "lines": ${at}}` },
];
const tool = (at: number) => ({
  type: "function",
  function: {
    name: `tool_${at}`,
    description: SENTENCE,
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The path" },
        limit: { type: "integer", minimum: 1 },
      },
      required: ["path"],
    },
  },
});

/** What a request that its budget does not cover goes through, but for the hold itself. */
async function reject(json: string): Promise<number> {
  const model = testModel(null, "gpt-5");
  const call = chat.parse(json);
  const byteBound = inputTokenBound(call, model);
  estimateInputTokens(call, model);
  return countedInputBound(chat, call, model, byteBound, MOST_THAT_FITS);
}

const CALLS = { messages: [{ role: "user", content: "Go." }, ...listOf(5_000, callAndResult).flat()] };
const TOOLS = { messages: [{ role: "user", content: "Hi" }], tools: listOf(5_000, tool) };

// Nothing is rejected for its budget before it is known to be valid, so that JSON.parse is the least that it takes.
test.each<[what: string, most: number, fields: object]>([
  ["prose", 13, { messages: [{ role: "user", content: SENTENCE.repeat(20_000) }] }],
  ["4 000 messages", 20, { messages: listOf(4_000, turn) }],
  [
    "pictures",
    16,
    {
      messages: [
        { role: "user", content: [{ type: "text", text: SENTENCE.repeat(3_000) }, ...listOf(12, picture)] },
      ],
    },
  ],
  ["5 000 tool calls", 10, CALLS],
  ["5 000 tools", 8, TOOLS],
])("to reject 1.5 MB of %s takes at most %i times as long as to parse it", async (_, most, fields) => {
  const json = JSON.stringify({ model: "m", max_tokens: 16, ...fields });
  expect(json.length).toBeGreaterThan(1_200_000);
  expect(await reject(json)).toBeGreaterThan(MOST_THAT_FITS);
  const rejecting = () => reject(json);
  await expectCpuRatio(rejecting, () => JSON.parse(json), most);
});

const ITEMS = {
  input: listOf(5_000, (at) => [
    {
      type: "function_call",
      call_id: `call_${at}`,
      name: "write_file",
      arguments: JSON.stringify({ path: `/${at}.ts`, content: SENTENCE }),
    },
    { type: "function_call_output", call_id: `call_${at}`, output: `{"ok": true, "lines": ${at}}` },
  ]).flat(),
};
const ITEM_TOOLS = {
  input: "Hi",
  tools: listOf(5_000, (at) => ({ type: "function", ...tool(at).function })),
};
const BLOCKS = {
  messages: listOf(5_000, (at) => [
    {
      role: "assistant",
      content: [
        {
          type: "tool_use",
          id: `call_${at}`,
          name: "write_file",
          input: { path: `/${at}.ts`, content: SENTENCE },
        },
      ],
    },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: `call_${at}`, content: `{"ok": true, "lines": ${at}}` }],
    },
  ]).flat(),
};
const BLOCK_TOOLS = {
  messages: [{ role: "user", content: "Hi" }],
  tools: listOf(5_000, (at) => {
    const { parameters, ...named } = tool(at).function;
    return { ...named, input_schema: parameters };
  }),
};

// What the budgets have is asked first, and the least of the body's text is more.
test.each<[what: string, dialect: Dialect, most: number, fields: object]>([
  ["5 000 tool calls of a chat", chat, 8, CALLS],
  ["5 000 tools of a chat", chat, 5, TOOLS],
  ["5 000 tool calls of a response", responses, 11, ITEMS],
  ["5 000 tools of a response", responses, 5, ITEM_TOOLS],
  ["5 000 tool calls of messages", messages, 10, BLOCKS],
  ["5 000 tools of messages", messages, 6, BLOCK_TOOLS],
])(
  "to reject 1.5 MB of %s unweighed takes few times as long as to parse it",
  async (_, dialect, most, fields) => {
    const bound = dialect === responses ? {} : { max_tokens: 16 };
    const json = JSON.stringify({ model: "m", ...bound, ...fields });
    const least = async () =>
      leastInputTokens(dialect, dialect.parse(json), testModel(null, "llama-3"), MOST_THAT_FITS);
    expect(await least()).toBeGreaterThan(MOST_THAT_FITS);
    await expectCpuRatio(least, () => JSON.parse(json), most);
  },
);
