import { expect, test } from "vitest";
import { barLines, checkBars } from "./bars";
import type { Sample } from "./measure";
import { figuresOf } from "./report";
import { MANY_OTHER_STREAMS, MANY_STREAMS, MANY_TRANSLATED, MANY_WHOLE, ONE_WHOLE } from "./scenarios";
import type { TargetId } from "./targets";

const sample = (target: TargetId, scenario: string, requestsPerSecond: number, gatewayCpuMs = 0): Sample => ({
  target,
  scenario,
  requestsPerSecond,
  p50Ms: 1000 / requestsPerSecond,
  p99Ms: 0,
  gatewayCpuMs,
  postgresCpuMs: 0,
  loadCores: 0,
  upstreamCores: 0,
});
const many = (target: TargetId, requestsPerSecond: number, gatewayCpuMs?: number) =>
  sample(target, MANY_WHOLE.name, requestsPerSecond, gatewayCpuMs);
const windows = (before: number, during: number[], after: number) => ({
  scenario: MANY_WHOLE,
  windowMs: 1000,
  before: many("server-budgets", before),
  during: during.map((rate) => many("server-budgets", rate)),
  after: many("server-budgets", after),
});
const holds = (p50Ms: number) => {
  const times = { p50Ms, p99Ms: p50Ms };
  return { hold: times, settle: times, requests: 1 };
};
const verdicts = (...parameters: Parameters<typeof checkBars>) =>
  barLines(checkBars(...parameters)).split("\n");
const of = (lines: readonly string[], what: string) => lines.filter((line) => line.includes(what));

test("applies the same bars to targets with and without budgets", () => {
  const figures = figuresOf([
    many("bare", 10_000, 0.1),
    many("portkey", 1_000),
    many("server", 3_000, 0.3),
    many("server-budgets", 2_999, 0.31),
    many("next-empty", 1_000),
    many("next", 700),
    many("next-budgets", 699),
  ]);
  const lines = verdicts(figures, undefined, undefined, undefined);
  expect(of(lines, "server.ts: at least")).toEqual([
    "- met: server.ts: at least 3 times Portkey's requests/s at 32 in flight (3.00 times)",
  ]);
  expect(of(lines, "server.ts with hard budgets: at least")[0]).toMatch(/^- MISSED/);
  expect(of(lines, "server.ts with hard budgets: at most 3")[0]).toMatch(/^- MISSED.*\(3\.10 times\)$/);
  expect(of(lines, "next start: ")[0]).toMatch(/^- met/);
  expect(of(lines, "next start with hard budgets: ")[0]).toMatch(/^- MISSED/);
});

test("compares the streams of other endpoints with chat's", () => {
  const figures = figuresOf([
    sample("server", MANY_STREAMS.name, 1_000, 1),
    sample("server", MANY_OTHER_STREAMS.messages.name, 1_000, 1.1),
    sample("server", MANY_OTHER_STREAMS.responses.name, 1_000, 1.11),
  ]);
  expect(of(verdicts(figures, undefined, undefined, undefined), "stream of")).toEqual([
    expect.stringMatching(/^- met: stream of messages.*\(1\.10 times\)$/),
    expect.stringMatching(/^- MISSED: stream of responses.*\(1\.11 times\)$/),
  ]);
});

test("compares translations with what passes through, in the same round", () => {
  const { streams, wholes } = MANY_TRANSLATED;
  const round = (slowness: number, [stream, whole]: [number, number]) => [
    sample("server", MANY_STREAMS.name, 1_000, slowness),
    sample("server", streams.gemini.name, 1_000, stream * slowness),
    sample("server", MANY_WHOLE.name, 1_000, 0.2 * slowness),
    sample("server", wholes.messages.name, 1_000, 0.2 * whole * slowness),
  ];
  const figures = figuresOf([...round(1, [1.39, 1.11]), ...round(3, [1.39, 1.11]), ...round(9, [2, 1])]);
  expect(of(verdicts(figures, undefined, undefined, undefined), "translated")).toEqual([
    expect.stringMatching(/^- met: stream translated to gemini.*\(1\.39 times\)$/),
    expect.stringMatching(/^- not measured: whole answer translated to gemini/),
    expect.stringMatching(/^- not measured: stream translated to messages/),
    expect.stringMatching(/^- MISSED: whole answer translated to messages.*\(1\.11 times\)$/),
  ]);
});

test("counts the time above a direct request to the upstream as added", () => {
  const figures = figuresOf([
    sample("direct", ONE_WHOLE.name, 10_000),
    sample("server", ONE_WHOLE.name, 1_000),
    sample("server-budgets", ONE_WHOLE.name, 500),
  ]);
  const lines = of(verdicts(figures, undefined, undefined, undefined), "1 ms added");
  expect(lines[0]).toMatch(/^- met: server.ts: .*\(0\.90 ms\)$/);
  expect(lines[1]).toMatch(/^- MISSED: server.ts with hard budgets: .*\(1\.90 ms\)$/);
});

test("judges holds by their median, and a snapshot by its last window relative to before and after", () => {
  const figures = figuresOf([]);
  const good = verdicts(figures, holds(1.5), windows(2_200, [900, 1_000], 1_800), undefined);
  expect(of(good, "met:")).toHaveLength(2);
  const bad = verdicts(figures, holds(1.51), windows(2_200, [1_900, 999], 1_800), undefined);
  expect(of(bad, "MISSED:")).toHaveLength(2);
});

test("reports what was not measured", () => {
  const lines = verdicts(figuresOf([]), undefined, undefined, undefined);
  expect(lines).toHaveLength(18);
  expect(of(lines, "not measured:")).toEqual(lines);
});

test("judges the portal by the mean of overview and requests, and its memory after 2,000 pages only", () => {
  const portal = (overview: number, requests: number, rssMb: number, loads = 2000) => ({
    pages: [
      { path: "/", cpuMs: overview, htmlKb: 100 },
      { path: "/requests", cpuMs: requests, htmlKb: 100 },
      { path: "/tokens", cpuMs: 1_000, htmlKb: 100 },
    ],
    rssMb,
    loads,
  });
  const lines = (...figures: Parameters<typeof portal>) =>
    of(verdicts(figuresOf([]), undefined, undefined, portal(...figures)), "portal: ");
  expect(of(lines(20, 40, 400), "- met:")).toHaveLength(2);
  expect(of(lines(20, 41, 401), "- MISSED:")).toHaveLength(2);
  expect(of(lines(20, 40, 400, 1999), "- not measured:")).toHaveLength(1);
});
