import type { HoldLatency } from "./hold-latency";
import type { UnderSnapshot } from "./open-snapshot";
import { JUDGED_PATHS, type PortalPages } from "./portal-pages";
import { type Cell, cpuRatio, type Figures } from "./report";
import { MANY_OTHER_STREAMS, MANY_STREAMS, MANY_TRANSLATED, MANY_WHOLE, ONE_WHOLE } from "./scenarios";
import type { TargetId } from "./targets";

/** A performance target and its result in this run. `measured` is undefined if a part of it was not measured. */
export type Bar = { promise: string; measured: string | undefined; met: boolean };

/** Checks the project's performance targets: whole answers, with a durable ledger, without and with budgets. */
export function checkBars(
  figures: Figures,
  holds: HoldLatency | undefined,
  snapshot: UnderSnapshot | undefined,
  portal: PortalPages | undefined,
): Bar[] {
  const many = (target: TargetId) => figures(target, MANY_WHOLE);
  const rate = (cell: Cell) => cell.requestsPerSecond;
  const ratio = (a: TargetId, b: TargetId, of: (cell: Cell) => number) => {
    const [one, other] = [many(a), many(b)];
    return one && other && of(one) / of(other);
  };
  const serverBars = (target: TargetId, name: string) => [
    atLeast(
      3,
      `${name}: at least 3 times Portkey's requests/s at 32 in flight`,
      ratio(target, "portkey", rate),
    ),
    atMost(
      3,
      "times",
      `${name}: at most 3 times the bare proxy's CPU per request at 32 in flight`,
      ratio(target, "bare", (cell) => cell.gatewayCpuMs),
    ),
    atMost(
      1,
      "ms",
      `${name}: at most 1 ms added, p50 at 1 in flight`,
      figures(target, ONE_WHOLE)?.addedP50Ms,
    ),
  ];
  const nextBar = (target: TargetId, name: string) =>
    atLeast(
      0.7,
      `${name}: at least 0.7 of the requests/s of a Next handler that answers a constant, at 32 in flight`,
      ratio(target, "next-empty", rate),
    );

  return [
    ...serverBars("server", "server.ts"),
    nextBar("next", "next start"),
    ...serverBars("server-budgets", "server.ts with hard budgets"),
    nextBar("next-budgets", "next start with hard budgets"),
    ...(["messages", "responses"] as const).map((endpoint) =>
      atMost(
        1.1,
        "times",
        `stream of ${endpoint}: at most 1.1 times the CPU per request of chat's, at 32 in flight`,
        cpuRatio(figures("server", MANY_OTHER_STREAMS[endpoint]), figures("server", MANY_STREAMS)),
      ),
    ),
    ...(["gemini", "messages"] as const).flatMap((wire) => [
      atMost(
        1.4,
        "times",
        `stream translated to ${wire}: at most 1.4 times the CPU per request of pass-through, at 32 in flight`,
        cpuRatio(figures("server", MANY_TRANSLATED.streams[wire]), figures("server", MANY_STREAMS)),
      ),
      atMost(
        1.1,
        "times",
        `whole answer translated to ${wire}: at most 1.1 times the CPU per request of pass-through, at 32 in flight`,
        cpuRatio(figures("server", MANY_TRANSLATED.wholes[wire]), many("server")),
      ),
    ]),
    atMost(1.5, "ms", "hold with hard budgets: at most 1.5 ms, p50 at 1 in flight", holds?.hold.p50Ms),
    atLeast(
      0.5,
      "open snapshot: at least half of the requests/s remain at 32 in flight",
      snapshot && remainingOf(snapshot),
    ),
    atMost(
      30,
      "ms",
      "portal: at most 30 ms of CPU a page, mean of warm loads of overview and requests",
      portal && meanCpuMs(portal),
    ),
    atMost(
      400,
      "MB",
      "portal: at most 400 MB after 2,000 pages of the whole portal",
      portal && portal.loads >= 2000 ? portal.rssMb : undefined,
    ),
  ];
}

function meanCpuMs({ pages }: PortalPages): number {
  const judged = pages.filter(({ path }) => JUDGED_PATHS.includes(path));
  return judged.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / judged.length;
}

/** The rate in the last window, when most row versions exist, relative to the mean of before and after. */
function remainingOf({ before, during, after }: UnderSnapshot): number {
  const without = (before.requestsPerSecond + after.requestsPerSecond) / 2;
  return (during.at(-1)?.requestsPerSecond ?? Number.NaN) / without;
}

function atLeast(bar: number, promise: string, times: number | undefined): Bar {
  if (times === undefined) return { promise, measured: undefined, met: false };
  return { promise, measured: `${times.toFixed(2)} times`, met: times >= bar };
}

function atMost(bar: number, unit: string, promise: string, value: number | undefined): Bar {
  if (value === undefined) return { promise, measured: undefined, met: false };
  return { promise, measured: `${value.toFixed(2)} ${unit}`, met: value <= bar };
}

/** Formats one line per bar. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map(({ promise, measured, met }) => {
      const verdict = measured === undefined ? "not measured" : met ? "met" : "MISSED";
      return `- ${verdict}: ${promise}${measured === undefined ? "" : ` (${measured})`}`;
    })
    .join("\n");
}
