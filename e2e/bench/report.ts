import type { Sample } from "./measure";
import type { BenchScenario } from "./scenarios";
import { LABELS, type TargetId } from "./targets";

/** A target under a scenario: the median of its rounds. */
export type Cell = Omit<Sample, "target" | "scenario"> & {
  /** Against calling the upstream directly, round by round; only where one request is in flight. */
  addedP50Ms: number | undefined;
};

export type Figures = (target: TargetId, scenario: BenchScenario) => Cell | undefined;

/** Medians over the rounds. */
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
    };
  };
}

/** The Markdown table. */
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
    for (const [at, target] of targets.entries()) {
      const cell = figures(target, scenario);
      if (!cell) continue;
      const isGateway = target !== "direct";
      const usesDatabase = target === "server" || target === "next";
      const columns = [
        at === 0 ? scenario.name : "",
        LABELS[target],
        grouped(cell.requestsPerSecond),
        cell.p50Ms.toFixed(2),
        cell.p99Ms.toFixed(2),
        cell.addedP50Ms?.toFixed(2) ?? "",
        isGateway ? cell.gatewayCpuMs.toFixed(3) : "",
        usesDatabase ? cell.postgresCpuMs.toFixed(3) : "",
      ];
      lines.push(`| ${columns.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

function grouped(requestsPerSecond: number): string {
  return Math.round(requestsPerSecond)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, " ");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
