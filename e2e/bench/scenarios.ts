import type { ChatContent } from "#lib/testing/upstream/scenario";
import type { LoadReport } from "./load";
import { type OtherEndpoint, otherStream } from "./other-streams";
import { hasLedger, isBudgeted, isChat, type TargetId } from "./targets";
import { geminiStream, otherWhole } from "./translated-answers";

/** A request and how many of them are in flight. */
export type BenchScenario = {
  name: string;
  endpoint: "chat/completions" | OtherEndpoint;
  model: string;
  stream: boolean;
  inFlight: number;
  /** Whether its provider speaks another dialect. */
  isTranslated?: true;
};

export const WHOLE = "bench-whole";
const STREAM = "bench-stream";
const OTHER_STREAMS = { messages: "bench-messages", responses: "bench-responses" } as const;
const GEMINI = "bench-gemini";
/** Models that chat reaches by translation, by the wire of their provider. */
const TRANSLATED = { gemini: GEMINI, messages: OTHER_STREAMS.messages } as const;
const STREAM_CHUNKS = 100;
/** The usage that the instant upstream reports, and its cost at the seeded $0.15 and $0.60 a million. */
export const INPUT_TOKENS = 9;
export const WHOLE_OUTPUT_TOKENS = 5;
export const WHOLE_COST_USD = "0.00000435";

/** Each at a provider of a type that speaks its endpoint. */
export const BENCH_MODELS = [
  { name: WHOLE },
  { name: STREAM },
  { name: OTHER_STREAMS.messages, providerType: "anthropic" },
  { name: OTHER_STREAMS.responses, providerType: "openai" },
  { name: GEMINI, providerType: "google" },
];
/** The instant upstream's answers to chat by model. */
export const BENCH_CONTENT: Readonly<Record<string, ChatContent>> = {
  [WHOLE]: { kind: "chat" },
  [STREAM]: { kind: "chat", chunks: STREAM_CHUNKS },
};

/** The instant upstream's answer, in the pieces that are written, by a model that speaks something else than chat; else null. */
export function otherAnswerOf(model: string, isStream: boolean): Buffer[] | null {
  const asked = { model, inputTokens: INPUT_TOKENS };
  const content: ChatContent = { kind: "chat", ...(isStream && { chunks: STREAM_CHUNKS }) };
  switch (model) {
    case GEMINI:
      return isStream ? geminiStream(content, asked) : [otherWhole("gemini", content, asked)];
    case OTHER_STREAMS.messages:
      return isStream ? otherStream("messages", content, asked) : [otherWhole("messages", content, asked)];
    case OTHER_STREAMS.responses:
      return otherStream("responses", content, asked);
    default:
      return null;
  }
}

export const ONE_WHOLE: BenchScenario = {
  name: "whole answer, 1 in flight",
  endpoint: "chat/completions",
  model: WHOLE,
  stream: false,
  inFlight: 1,
};
export const MANY_WHOLE: BenchScenario = {
  name: "whole answer, 32 in flight",
  endpoint: "chat/completions",
  model: WHOLE,
  stream: false,
  inFlight: 32,
};
const streamOf = (
  endpoint: BenchScenario["endpoint"],
  model: string,
  what: string,
  inFlight: number,
): BenchScenario => ({ name: `${what}, ${inFlight} in flight`, endpoint, model, stream: true, inFlight });

export const MANY_STREAMS = streamOf("chat/completions", STREAM, "100-chunk stream", 32);
/** Streams of other endpoints, of the same size. */
export const MANY_OTHER_STREAMS = {
  messages: streamOf("messages", OTHER_STREAMS.messages, "100-event stream of messages", 32),
  responses: streamOf("responses", OTHER_STREAMS.responses, "100-event stream of responses", 32),
};
const translated = (like: BenchScenario, wire: keyof typeof TRANSLATED, what: string): BenchScenario => ({
  ...like,
  name: `${what} translated to ${wire}, ${like.inFlight} in flight`,
  model: TRANSLATED[wire],
  isTranslated: true,
});
/** Chat of the same size, by providers that speak something else. */
export const MANY_TRANSLATED = {
  streams: {
    gemini: translated(MANY_STREAMS, "gemini", "100-event stream"),
    messages: translated(MANY_STREAMS, "messages", "100-event stream"),
  },
  wholes: {
    gemini: translated(MANY_WHOLE, "gemini", "whole answer"),
    messages: translated(MANY_WHOLE, "messages", "whole answer"),
  },
};
export const BENCH_SCENARIOS: readonly BenchScenario[] = [
  ONE_WHOLE,
  MANY_WHOLE,
  MANY_TRANSLATED.wholes.gemini,
  MANY_TRANSLATED.wholes.messages,
  streamOf("chat/completions", STREAM, "100-chunk stream", 1),
  MANY_STREAMS,
  MANY_TRANSLATED.streams.gemini,
  MANY_TRANSLATED.streams.messages,
  MANY_OTHER_STREAMS.messages,
  MANY_OTHER_STREAMS.responses,
];

/** The names of further measurements. */
export const HOLDS_ALONE = "holds, 1 in flight";
export const OPEN_SNAPSHOT = "open snapshot, 32 in flight";

/** The name of the measurement of the portal's pages, for `--scenario`. */
export const PORTAL_PAGES = "portal pages";

/**
 * Whether a target is measured under a scenario. Budgets cost the same for every kind of answer, so they are measured with
 * whole answers, where their share is largest. Next's empty answer is compared with whole answers; streams of other endpoints and
 * translations with chat's through `server.ts`.
 */
export function isMeasured(target: TargetId, scenario: BenchScenario): boolean {
  if (scenario.endpoint !== "chat/completions" || scenario.isTranslated) return target === "server";
  if (!isChat(target)) return !scenario.stream;
  return !isBudgeted(target) || (!scenario.stream && (target === "server-budgets" || scenario.inFlight > 1));
}

export const outputTokensOf = (scenario: BenchScenario) =>
  scenario.stream ? STREAM_CHUNKS : WHOLE_OUTPUT_TOKENS;

const SYSTEM = "You are a helpful assistant. Answer briefly.";
const QUESTION = "What is the capital of France, and how many people live there?";

/** A small typical request; those of all endpoints have the same length. */
export function requestBody(scenario: BenchScenario): string {
  const body = JSON.stringify(bodyOf(scenario));
  const longest = Math.max(
    ...BENCH_SCENARIOS.filter(({ stream }) => stream === scenario.stream).map(
      (other) => JSON.stringify(bodyOf(other)).length,
    ),
  );
  return body.padEnd(longest, " ");
}

function bodyOf({ endpoint, model, stream }: BenchScenario): object {
  const more = { temperature: 0.2, ...(stream ? { stream: true } : {}) };
  const asked = { role: "user", content: QUESTION };
  if (endpoint === "messages") return { model, system: SYSTEM, messages: [asked], max_tokens: 200, ...more };
  if (endpoint === "responses")
    return { model, instructions: SYSTEM, input: [asked], max_output_tokens: 200, store: false, ...more };
  return { model, messages: [{ role: "system", content: SYSTEM }, asked], max_tokens: 200, ...more };
}

/** The end of every answer. `problemsOf` checks the first answer in full. */
export function answerEnd({ endpoint, stream }: BenchScenario): string {
  if (!stream) return "}";
  if (endpoint === "messages") return 'data: {"type":"message_stop"}\n\n';
  return endpoint === "responses" ? "}}\n\n" : "data: [DONE]\n\n";
}

/** Returns what is wrong with a report, so that errors never count as fast answers. */
export function problemsOf(report: LoadReport, scenario: BenchScenario, target: TargetId): string[] {
  const { head, body } = report.sample;
  const problems = [...report.problems];
  if (report.problems.length > 0 || !isChat(target)) return problems;
  if (scenario.stream) {
    const words = body.match(/"(content|text|delta)":"[^"]{0,1}word\d+ *"/g)?.length ?? 0;
    if (words !== STREAM_CHUNKS) problems.push(`a stream with ${words} of ${STREAM_CHUNKS} words`);
    if (scenario.endpoint === "chat/completions" && body.includes('"usage":{'))
      problems.push("a usage chunk that the client did not request");
  } else {
    if (!body.includes("Hello from the fake upstream.")) problems.push(`another answer: ${body}`);
    if (hasLedger(target) && !head.includes(`\r\nx-tollgate-cost-usd: ${WHOLE_COST_USD}`)) {
      problems.push(`no x-tollgate-cost-usd: ${WHOLE_COST_USD} in ${head}`);
    }
  }
  return problems;
}
