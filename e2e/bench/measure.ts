import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { HEARTBEAT } from "#lib/dialects/events/event-lines";
import { cpuTimesMs } from "./cpu-time";
import type { LoadOrder, LoadReport } from "./load";
import { answerEnd, type BenchScenario, isMeasured, problemsOf, requestBody } from "./scenarios";
import { isChat, type Target, type TargetId } from "./targets";

/** One target under one scenario for one round. */
export type Sample = {
  target: TargetId;
  scenario: string;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  gatewayCpuMs: number;
  postgresCpuMs: number;
  /** The share of a core that each used. Both have one thread, so near 1 they are the bottleneck. */
  loadCores: number;
  upstreamCores: number;
};

/** The requests to a target under a scenario, including warm-up. */
export type Sent = { target: TargetId; scenario: BenchScenario; requests: number };

/** A warm-up is repeated, up to twice, until the target has had so many requests: a slow machine serves fewer in a time. */
export type Pace = { rounds: number; roundMs: number; warmUpMs: number; warmUpRequests: number };

const MOST_WARM_UPS = 3;

export type Measurer = {
  /** Runs everything once as a warm-up, then the measured rounds. */
  measure(targets: readonly Target[], scenarios: readonly BenchScenario[], pace: Pace): Promise<Sample[]>;
  /** Measures one target under one scenario. @throws for an unexpected answer */
  measureOnce(target: Target, scenario: BenchScenario, durationMs: number): Promise<Sample>;
  sent(): Sent[];
  close(): void;
};

/**
 * Starts the load generator's process.
 * @param pids processes whose CPU time is measured in addition to the target's
 * @param onStep called with what is measured next
 */
export function startMeasurer(
  pids: { postgres: number | undefined; upstream: number },
  onStep: (step: string) => void,
): Measurer {
  const generator = fork(fileURLToPath(new URL("./load.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const sent: Sent[] = [];

  async function measureOnce(target: Target, scenario: BenchScenario, durationMs: number): Promise<Sample> {
    const cpu = () => cpuTimesMs([target.pid, pids.postgres, generator.pid, pids.upstream]);
    const before = cpu();
    const report = await orderLoad(generator, {
      port: target.port,
      ...(isChat(target.id)
        ? { method: "POST", path: `/v1/${scenario.endpoint}`, body: requestBody(scenario) }
        : { method: "GET", path: "/livez", body: "" }),
      headers: target.headers,
      inFlight: scenario.inFlight,
      durationMs,
      endsWith: answerEnd(scenario),
      // A translation sends one for each chunk of which the client sees nothing.
      fillerBytes: scenario.isTranslated && scenario.stream ? HEARTBEAT.length : 0,
    });
    const after = cpu();
    const problems = problemsOf(report, scenario, target.id);
    if (problems.length > 0) throw new Error(`${target.id}, ${scenario.name}: ${problems.join("; ")}`);
    sent.push({ target: target.id, scenario, requests: report.sent });
    const [gatewayMs = 0, postgresMs = 0, loadMs = 0, upstreamMs = 0] = after.map(
      (ms, at) => ms - (before[at] ?? 0),
    );
    return {
      target: target.id,
      scenario: scenario.name,
      requestsPerSecond: report.sent / report.seconds,
      p50Ms: report.p50Ms,
      p99Ms: report.p99Ms,
      gatewayCpuMs: gatewayMs / report.sent,
      postgresCpuMs: postgresMs / report.sent,
      loadCores: loadMs / 1000 / report.seconds,
      upstreamCores: upstreamMs / 1000 / report.seconds,
    };
  }

  const requestsOf = (id: TargetId) =>
    sent.filter(({ target }) => target === id).reduce((sum, { requests }) => sum + requests, 0);

  async function warmUp(target: Target, scenario: BenchScenario, pace: Pace): Promise<void> {
    for (let times = 0; times < MOST_WARM_UPS; times++) {
      await measureOnce(target, scenario, pace.warmUpMs);
      if (requestsOf(target.id) >= pace.warmUpRequests) return;
    }
  }

  return {
    measureOnce,
    async measure(all, scenarios, pace) {
      const samples: Sample[] = [];
      const under = (scenario: BenchScenario) => all.filter(({ id }) => isMeasured(id, scenario));
      for (const scenario of scenarios) {
        onStep(`warm-up: ${scenario.name}`);
        for (const target of under(scenario)) await warmUp(target, scenario, pace);
      }
      // The machine's speed drifts: targets alternate within a round, and each is first in turn. Scenarios that are compared are
      // neighbours, and every second round goes backwards.
      for (let round = 0; round < pace.rounds; round++) {
        for (const scenario of round % 2 === 0 ? scenarios : scenarios.toReversed()) {
          onStep(`round ${round + 1} of ${pace.rounds}: ${scenario.name}`);
          const targets = under(scenario);
          const first = round % targets.length;
          for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
            samples.push(await measureOnce(target, scenario, pace.roundMs));
          }
        }
      }
      return samples;
    },
    sent: () => [...sent],
    close: () => generator.kill(),
  };
}

async function orderLoad(generator: ChildProcess, order: LoadOrder): Promise<LoadReport> {
  generator.send(order);
  const [report]: LoadReport[] = await once(generator, "message");
  if (!report) throw new Error("The load generator sent no report.");
  return report;
}
