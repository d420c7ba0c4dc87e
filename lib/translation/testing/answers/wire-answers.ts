import type { Usage } from "#lib/credit/prices/meters";
import type { JsonObject } from "#lib/dialects/text/json-fields";

/** A provider's answer in both forms. */
export type RawAnswer = { whole: JsonObject; events: string };

/** The rows of the matrix that an answer is for, by what it has. */
const ROWS = {
  text: ["text", "ended: stop", "usage: input, output"],
  thinking: ["reasoning, its text"],
  sealed: ["reasoning, its proof"],
  calling: ["a call of a tool"],
  callingTwice: ["parallel calls", "ended: calls"],
  bounded: ["ended: output bound"],
  filtered: ["ended: refused or filtered"],
  refusing: ["words of a refusal"],
  stopped: ["ended: stop sequence, which"],
  citingPages: ["cited pages of the web"],
  citingDocuments: ["cited documents"],
} as const;

/** The rows of what is counted. */
const COUNTS = {
  cachedTokens: "usage: read from the cache",
  cacheWriteTokens: "usage: written to the cache",
  cacheWrite1hTokens: "usage: written for an hour",
  reasoningTokens: "usage: reasoning",
} as const;

/** What a wire's provider answers: a column of the matrix of answers. */
export type WireAnswers = {
  model: string;
  /** Without what the provider never says. */
  said: Readonly<Partial<Record<keyof typeof ROWS, RawAnswer>>> & { text: RawAnswer };
  /** By the row's name: where the provider says so. */
  where?: Readonly<Partial<Record<string, string>>>;
  /** A call whose arguments come in parts, if the provider streams them. */
  streaming: string;
  /** What the ledger counts of each answer. */
  counted: Partial<Usage>;
  /** Streams that go wrong: at once, after some text, and without an end. */
  failing: { first: string; late: string; cut: string };
};

/** The answer for a row; undefined if the provider has no such thing. */
export function answerFor({ said, counted }: WireAnswers, row: string): RawAnswer | undefined {
  if (Object.entries(COUNTS).some(([count, name]) => name === row && count in counted)) return said.text;
  return Object.entries(ROWS)
    .filter(([, rows]) => rows.some((name) => name === row))
    .map(([kind]) => Object.entries(said).find(([name]) => name === kind)?.[1])[0];
}

/** What most providers count of each answer. */
export const COUNTED: Partial<Usage> = {
  inputTokens: 100,
  cachedTokens: 50,
  cacheWriteTokens: 30,
  outputTokens: 40,
};

/** What the parts of an answer say on a wire, and why it ends. */
type Parts<Part> = { rain: Part; thought: Part; call: (id: string, city: string) => Part };
type Reasons = { calls: string; bound: string; filter: string };

/** The answers of a wire that has its parts in a list and a reason for each end. */
export function saidInParts<Part>(
  answer: (parts: readonly Part[], others: { stopReason?: string }) => RawAnswer,
  { rain, thought, call }: Parts<Part>,
  { calls, bound, filter }: Reasons,
) {
  const called = { stopReason: calls };
  return {
    text: answer([rain], {}),
    thinking: answer([thought, rain], {}),
    sealed: answer([thought, call("call_1", "Paris")], called),
    calling: answer([call("call_1", "Paris")], called),
    callingTwice: answer([call("call_1", "Paris"), call("call_2", "Rome")], called),
    bounded: answer([rain], { stopReason: bound }),
    filtered: answer([rain], { stopReason: filter }),
  };
}
