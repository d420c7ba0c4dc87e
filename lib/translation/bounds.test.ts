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

const THINKING: Readonly<Record<string, object>> = {
  chat: { reasoning_effort: "high" },
  messages: { thinking: { type: "enabled", budget_tokens: 4_500 } },
  responses: { reasoning: { effort: "high" } },
};

describe.each(PLANS)(
  "from $dialect to $wire, a request that was planned is sent as another",
  ({ dialect, wire }) => {
    const BOUNDS = [null, 3_000].flatMap((outputLimitTokens) =>
      [null, 1_500].flatMap((mostTokens) =>
        [8_192, 2_000].map((defaultMaxTokens) => ({ outputLimitTokens, mostTokens, defaultMaxTokens })),
      ),
    );
    const MODELS = [
      wordsOf(wire).model,
      "gemini-2.5-pro",
      "gemini-3-pro",
      "claude-opus-4",
      "claude-haiku-4-5",
    ];
    test.each([
      ["without a bound", {}],
      ["with one", { [FIELD[dialect] ?? ""]: 5_000 }],
      ["that thinks", { ...THINKING[dialect] }],
      ["that thinks, with a bound", { ...THINKING[dialect], [FIELD[dialect] ?? ""]: 5_000 }],
    ])("%s", (_, fields) => {
      // Messages require a bound.
      const body = {
        ...(dialect === "messages" ? { max_tokens: 6_000 } : {}),
        ...REQUESTS[dialect],
        ...fields,
      };
      for (const model of MODELS) {
        const lane = translationOf(dialect, wire, model);
        for (const bounding of BOUNDS) {
          const begun = (isPlanned: boolean) => {
            const call = callOf(dialect, body);
            if (isPlanned) lane.plan(call);
            const sent = lane.begin(call, { ...bounding, reasoningLimitTokens: null, requestId: "r" });
            return JSON.parse(sent.body);
          };
          expect(begun(true)).toEqual(begun(false));
        }
      }
    });
  },
);

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
