import type { HoldLatency } from "./hold-latency";
import type { Sample } from "./measure";
import type { UnderSnapshot } from "./open-snapshot";
import type { BenchScenario } from "./scenarios";
import { hasLedger, LABELS, type TargetId } from "./targets";

/** The medians of a target's rounds under a scenario. */
export type Cell = Pick<
  Sample,
  "requestsPerSecond" | "p50Ms" | "p99Ms" | "gatewayCpuMs" | "postgresCpuMs"
> & {
  /** Relative to direct requests of the same round; only with one request in flight. */
  addedP50Ms: number | undefined;
  /** The gateway's CPU per request in each round. */
  gatewayCpuMsOfRounds: readonly number[];
};

export type Figures = (target: TargetId, scenario: BenchScenario) => Cell | undefined;

/** Calculates the medians over the rounds. */
export function figuresOf(samples: readonly Sample[]): Figures {
  return (target, scenario) => {
    const rounds = (id: TargetId) => samples.filter((s) => s.target === id && s.scenario === scenario.name);
    const own = rounds(target);
    if (own.length === 0) return undefined;
    const direct = rounds("direct");
    const added = own.map((sample, round) => sample.p50Ms - (direct[round]?.p50Ms ?? Number.NaN));
    const of = (pick: (sample: Sample) => number) => median(own.map(pick));
    return {
      requestsPerSecond: of((s) => s.requestsPerSecond),
      p50Ms: of((s) => s.p50Ms),
      p99Ms: of((s) => s.p99Ms),
      gatewayCpuMs: of((s) => s.gatewayCpuMs),
      postgresCpuMs: of((s) => s.postgresCpuMs),
      addedP50Ms: scenario.inFlight === 1 && target !== "direct" ? median(added) : undefined,
      gatewayCpuMsOfRounds: own.map((s) => s.gatewayCpuMs),
    };
  };
}

/** Formats the Markdown table. */
export function table(
  figures: Figures,
  scenarios: readonly BenchScenario[],
  targets: readonly TargetId[],
): string {
  const lines = [
    "| | through | requests/s | p50 ms | p99 ms | added p50 ms | gateway CPU ms/request | PostgreSQL CPU ms/request |",
    "|---|---|--:|--:|--:|--:|--:|--:|",
  ];
  for (const scenario of scenarios) {
    let isFirst = true;
    for (const target of targets) {
      const cell = figures(target, scenario);
      if (!cell) continue;
      const isGateway = target !== "direct";
      const columns = [
        isFirst ? scenario.name : "",
        LABELS[target],
        grouped(cell.requestsPerSecond),
        cell.p50Ms.toFixed(2),
        cell.p99Ms.toFixed(2),
        cell.addedP50Ms?.toFixed(2) ?? "",
        isGateway ? cell.gatewayCpuMs.toFixed(3) : "",
        hasLedger(target) ? cell.postgresCpuMs.toFixed(3) : "",
      ];
      lines.push(`| ${columns.join(" | ")} |`);
      isFirst = false;
    }
  }
  return lines.join("\n");
}

/** Formats the Markdown table of further measurements with hard budgets. */
export function budgetTable(holds: HoldLatency | undefined, snapshot: UnderSnapshot | undefined): string {
  const lines = [
    "| hard budgets on key, user and organization | requests/s | p50 ms | p99 ms | PostgreSQL CPU ms/request |",
    "|---|--:|--:|--:|--:|",
  ];
  if (holds) {
    const { hold, settle } = holds;
    lines.push(`| hold, one at a time | | ${hold.p50Ms.toFixed(2)} | ${hold.p99Ms.toFixed(2)} | |`);
    lines.push(`| settlement, one at a time | | ${settle.p50Ms.toFixed(2)} | ${settle.p99Ms.toFixed(2)} | |`);
  }
  if (snapshot) {
    const row = (when: string, { requestsPerSecond, p50Ms, p99Ms, postgresCpuMs }: Sample) =>
      lines.push(
        `| ${snapshot.scenario.name}, ${when} | ${grouped(requestsPerSecond)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${postgresCpuMs.toFixed(3)} |`,
      );
    const seconds = snapshot.windowMs / 1000;
    row("before the snapshot", snapshot.before);
    for (const [at, sample] of snapshot.during.entries()) {
      row(`snapshot open for ${at * seconds} to ${(at + 1) * seconds} s`, sample);
    }
    row("after it was closed", snapshot.after);
  }
  return lines.join("\n");
}

/** Reports whether the load generator or the upstream was the bottleneck. */
export function headroomLine(samples: readonly Sample[]): string {
  const max = (of: (sample: Sample) => number) =>
    Math.max(...samples.filter(({ target }) => target !== "direct").map(of), 0).toFixed(2);
  return `with a gateway, the load generator used at most ${max((s) => s.loadCores)} of its core, the upstream ${max((s) => s.upstreamCores)}`;
}

function grouped(requestsPerSecond: number): string {
  return Math.round(requestsPerSecond)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, " ");
}

/**
 * The gateway's CPU per request, of another cell's: the median of the rounds' ratios, since the machine's speed drifts less
 * within a round than between them.
 */
export function cpuRatio(cell: Cell | undefined, other: Cell | undefined): number | undefined {
  if (cell === undefined || other === undefined) return undefined;
  return median(
    cell.gatewayCpuMsOfRounds.map((ms, round) => ms / (other.gatewayCpuMsOfRounds[round] ?? Number.NaN)),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
