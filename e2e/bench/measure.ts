import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { cpuTimeMs } from "./cpu-time";
import type { LoadOrder, LoadReport } from "./load";
import { answerEnd, type BenchScenario, problemsOf, requestBody } from "./scenarios";
import type { Target, TargetId } from "./targets";

/** One target under one scenario for one round. */
export type Sample = {
  target: TargetId;
  scenario: string;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  gatewayCpuMs: number;
  postgresCpuMs: number;
};

export type Pace = { rounds: number; roundMs: number; warmUpMs: number };

export type Measurer = {
  /** Runs everything once unmeasured and then, in turn, the measured rounds. */
  measure(targets: readonly Target[], scenarios: readonly BenchScenario[], pace: Pace): Promise<Sample[]>;
  /** How many requests were sent to a target under a scenario, warm-up included. */
  sentTo(target: TargetId, scenario: BenchScenario): number;
  close(): void;
};

/** Starts the load generator's process. `onStep` hears what is measured next. */
export function startMeasurer(postgresPid: number | undefined, onStep: (step: string) => void): Measurer {
  const generator = fork(fileURLToPath(new URL("./load.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const sent = new Map<string, number>();
  const keyOf = (target: TargetId, scenario: BenchScenario) => `${target} ${scenario.name}`;

  async function runOnce(target: Target, scenario: BenchScenario, durationMs: number): Promise<Sample> {
    const cpu = () => [target.pid, postgresPid].map((pid) => (pid === undefined ? 0 : cpuTimeMs(pid)));
    const before = cpu();
    const report = await orderLoad(generator, {
      port: target.port,
      path: "/v1/chat/completions",
      headers: target.headers,
      body: requestBody(scenario),
      inFlight: scenario.inFlight,
      durationMs,
      endsWith: answerEnd(scenario),
    });
    const after = cpu();
    const problems = problemsOf(report, scenario, target.id);
    if (problems.length > 0) throw new Error(`${target.id}, ${scenario.name}: ${problems.join("; ")}`);
    const key = keyOf(target.id, scenario);
    sent.set(key, (sent.get(key) ?? 0) + report.sent);
    const [gatewayCpuMs = 0, postgresCpuMs = 0] = after.map(
      (ms, at) => (ms - (before[at] ?? 0)) / report.sent,
    );
    return {
      target: target.id,
      scenario: scenario.name,
      requestsPerSecond: report.sent / report.seconds,
      p50Ms: report.p50Ms,
      p99Ms: report.p99Ms,
      gatewayCpuMs,
      postgresCpuMs,
    };
  }

  return {
    async measure(targets, scenarios, pace) {
      const samples: Sample[] = [];
      for (const scenario of scenarios) {
        onStep(`warm-up: ${scenario.name}`);
        for (const target of targets) await runOnce(target, scenario, pace.warmUpMs);
      }
      // The machine's speed drifts: within a round all targets meet the same conditions, and none is always first.
      for (let round = 0; round < pace.rounds; round++) {
        for (const scenario of scenarios) {
          onStep(`round ${round + 1} of ${pace.rounds}: ${scenario.name}`);
          const first = round % targets.length;
          for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
            samples.push(await runOnce(target, scenario, pace.roundMs));
          }
        }
      }
      return samples;
    },
    sentTo: (target, scenario) => sent.get(keyOf(target, scenario)) ?? 0,
    close: () => generator.kill(),
  };
}

async function orderLoad(generator: ChildProcess, order: LoadOrder): Promise<LoadReport> {
  generator.send(order);
  const [report]: LoadReport[] = await once(generator, "message");
  if (!report) throw new Error("the load generator gave no report");
  return report;
}
