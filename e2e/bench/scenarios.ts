import type { ChatContent } from "#lib/testing/upstream/scenario";
import type { LoadReport } from "./load";
import { hasLedger, isBudgeted, isChat, type TargetId } from "./targets";

/** A request and how many of them are in flight. */
export type BenchScenario = { name: string; model: string; stream: boolean; inFlight: number };

export const WHOLE = "bench-whole";
const STREAM = "bench-stream";
const STREAM_CHUNKS = 100;
/** The usage that the instant upstream reports, and its cost at the seeded $0.15 and $0.60 a million. */
export const INPUT_TOKENS = 9;
export const WHOLE_OUTPUT_TOKENS = 5;
export const WHOLE_COST_USD = "0.00000435";

export const BENCH_MODELS = [WHOLE, STREAM];
/** The instant upstream's answers by model. */
export const BENCH_CONTENT: Readonly<Record<string, ChatContent>> = {
  [WHOLE]: { kind: "chat" },
  [STREAM]: { kind: "chat", chunks: STREAM_CHUNKS },
};

export const ONE_WHOLE: BenchScenario = {
  name: "whole answer, 1 in flight",
  model: WHOLE,
  stream: false,
  inFlight: 1,
};
export const MANY_WHOLE: BenchScenario = {
  name: "whole answer, 32 in flight",
  model: WHOLE,
  stream: false,
  inFlight: 32,
};
export const BENCH_SCENARIOS: readonly BenchScenario[] = [
  ONE_WHOLE,
  MANY_WHOLE,
  { name: "100-chunk stream, 1 in flight", model: STREAM, stream: true, inFlight: 1 },
  { name: "100-chunk stream, 32 in flight", model: STREAM, stream: true, inFlight: 32 },
];

/** The names of further measurements. */
export const HOLDS_ALONE = "holds, 1 in flight";
export const OPEN_SNAPSHOT = "open snapshot, 32 in flight";

/** The name of the measurement of the portal's pages, for `--scenario`. */
export const PORTAL_PAGES = "portal pages";

/**
 * Whether a target is measured under a scenario. Budgets cost the same for every kind of answer, so they are measured with
 * whole answers, where their share is largest. Next's empty answer is compared with whole answers.
 */
export function isMeasured(target: TargetId, scenario: BenchScenario): boolean {
  if (!isChat(target)) return !scenario.stream;
  return !isBudgeted(target) || (!scenario.stream && (target === "server-budgets" || scenario.inFlight > 1));
}

export const outputTokensOf = (scenario: BenchScenario) =>
  scenario.stream ? STREAM_CHUNKS : WHOLE_OUTPUT_TOKENS;

/** A small typical chat request. */
export function requestBody(scenario: BenchScenario): string {
  return JSON.stringify({
    model: scenario.model,
    messages: [
      { role: "system", content: "You are a helpful assistant. Answer briefly." },
      { role: "user", content: "What is the capital of France, and how many people live there?" },
    ],
    temperature: 0.2,
    max_tokens: 200,
    ...(scenario.stream ? { stream: true } : {}),
  });
}

/** The end of every answer. `problemsOf` checks the first answer in full. */
export const answerEnd = (scenario: BenchScenario) => (scenario.stream ? "data: [DONE]\n\n" : "}");

/** Returns what is wrong with a report, so that errors never count as fast answers. */
export function problemsOf(report: LoadReport, scenario: BenchScenario, target: TargetId): string[] {
  const { head, body } = report.sample;
  const problems = [...report.problems];
  if (report.problems.length > 0 || !isChat(target)) return problems;
  if (scenario.stream) {
    const words = body.match(/"content":"[^"]*word\d+"/g)?.length ?? 0;
    if (words !== STREAM_CHUNKS) problems.push(`a stream with ${words} of ${STREAM_CHUNKS} words`);
    if (body.includes('"usage":{')) problems.push("a usage chunk that the client did not request");
  } else {
    if (!body.includes("Hello from the fake upstream.")) problems.push(`another answer: ${body}`);
    if (hasLedger(target) && !head.includes(`\r\nx-tollgate-cost-usd: ${WHOLE_COST_USD}`)) {
      problems.push(`no x-tollgate-cost-usd: ${WHOLE_COST_USD} in ${head}`);
    }
  }
  return problems;
}
