import { describe, expect, test } from "vitest";
import { CLIENTS, WIRES } from "./registry";
import { callOf, sentBy, translationOf } from "./testing/translate";
import { wordsOf } from "./testing/wire-words";

const user = { role: "user", content: "Hi" };
const REQUESTS: Readonly<Record<string, object>> = {
  chat: { model: "m", messages: [user] },
  messages: { model: "m", messages: [user] },
  responses: { model: "m", input: [user] },
};
const PLANS = CLIENTS.flatMap(({ dialect: { name: dialect } }) =>
  WIRES.filter(({ name }) => name !== dialect).map(({ name: wire }) => ({ dialect, wire })),
);
const FIELD: Readonly<Record<string, string>> = {
  chat: "max_completion_tokens",
  messages: "max_tokens",
  responses: "max_output_tokens",
};

describe.each(PLANS)("from $dialect to $wire", ({ dialect, wire }) => {
  test.each([
    { asked: 5_000, outputLimitTokens: null, mostTokens: null },
    { asked: 5_000, outputLimitTokens: 4_000, mostTokens: null },
    { asked: 5_000, outputLimitTokens: 4_000, mostTokens: 3_000 },
    { asked: 5_000, outputLimitTokens: null, mostTokens: 3_000 },
    { asked: null, outputLimitTokens: 4_000, mostTokens: null },
    { asked: null, outputLimitTokens: null, mostTokens: 3_000 },
  ])("the bound that is told is the one that is sent: $asked, $outputLimitTokens, $mostTokens", (bounds) => {
    const { asked, ...bounding } = { ...bounds, defaultMaxTokens: 8_192 };
    // Messages require a bound.
    if (asked === null && dialect === "messages") return;
    const fields = asked === null ? {} : { [FIELD[dialect] ?? ""]: asked };
    const call = callOf(dialect, { ...REQUESTS[dialect], ...fields });
    const lane = translationOf(dialect, wire, wordsOf(wire).model);
    const { body } = lane.begin(call, { ...bounding, reasoningLimitTokens: null, requestId: "r" });
    const [, sent] = /"max(?:OutputTokens|_output_tokens|_tokens|Tokens)":(\d+)/.exec(body) ?? [];
    expect(lane.bound(call, bounding)).toBe(sent === undefined ? null : Number(sent));
  });
});

test("a server without a name for the bound gets none", () => {
  const lane = translationOf("responses", "chat", "m", null);
  const call = callOf("responses", { ...REQUESTS.responses, max_output_tokens: 500 });
  const bounding = { outputLimitTokens: 400, mostTokens: null, defaultMaxTokens: 8_192 };
  expect(lane.bound(call, bounding)).toBeNull();
  expect(lane.begin(call, { ...bounding, reasoningLimitTokens: null, requestId: "r" }).body).not.toMatch(
    /400|500/,
  );
});

test.each([
  ["chat", { max_completion_tokens: 5 }, "max_completion_tokens"],
  ["chat", { max_tokens: 5 }, "max_tokens"],
  ["chat", { max_tokens: null, max_completion_tokens: 5 }, "max_completion_tokens"],
  ["chat", { max_output_tokens: 5 }, "max_output_tokens"],
  ["chat", { options: { num_predict: 5 } }, "options.num_predict"],
  ["messages", { max_tokens: 5 }, "max_tokens"],
] as const)(
  "a bound below OpenAI's least is refused by the client's name for it: %s, %j",
  (dialect, fields, at) => {
    const { refused } = sentBy(dialect, "responses", "gpt-5.2", { ...REQUESTS[dialect], ...fields });
    expect(refused).toEqual([at]);
  },
);
