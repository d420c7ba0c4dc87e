import type { Cell, Figures } from "./report";
import type { BenchScenario } from "./scenarios";
import type { TargetId } from "./targets";

/** A promise about speed, and how this run kept it. `measured` is undefined where a part of it was not measured. */
export type Bar = { promise: string; measured: string | undefined; met: boolean };

/** Checks what the project promises of its speed: whole answers, durable ledger on. */
export function checkBars(figures: Figures, scenarios: readonly BenchScenario[]): Bar[] {
  const whole = (inFlight: number) => scenarios.find((s) => !s.stream && s.inFlight === inFlight);
  const [one, many] = [whole(1), whole(32)];
  const cell = (target: TargetId, scenario: BenchScenario | undefined) =>
    scenario && figures(target, scenario);

  const ratio = (
    promise: string,
    a: Cell | undefined,
    b: Cell | undefined,
    of: (cell: Cell) => number,
    isMet: (ratio: number) => boolean,
  ): Bar => {
    if (!a || !b) return { promise, measured: undefined, met: false };
    const measured = of(a) / of(b);
    return { promise, measured: `${measured.toFixed(2)} times`, met: isMet(measured) };
  };
  const added = (promise: string, measured: number | undefined): Bar => ({
    promise,
    measured: measured === undefined ? undefined : `${measured.toFixed(2)} ms`,
    met: measured !== undefined && measured <= 2,
  });

  const [server, next, bare, portkey] = (["server", "next", "bare", "portkey"] as const).map((id) =>
    cell(id, many),
  );
  return [
    ratio(
      "server.ts: at least 3 times Portkey's requests/s at 32 in flight",
      server,
      portkey,
      (c) => c.requestsPerSecond,
      (times) => times >= 3,
    ),
    ratio(
      "server.ts: at most 3 times the bare proxy's CPU per request at 32 in flight",
      server,
      bare,
      (c) => c.gatewayCpuMs,
      (times) => times <= 3,
    ),
    ratio(
      "next start: at least Portkey's requests/s at 32 in flight",
      next,
      portkey,
      (c) => c.requestsPerSecond,
      (times) => times >= 1,
    ),
    added("server.ts: at most 2 ms added, p50 at 1 in flight", cell("server", one)?.addedP50Ms),
  ];
}

/** One line a bar. */
export function barLines(bars: readonly Bar[]): string {
  return bars
    .map(({ promise, measured, met }) => {
      const verdict = measured === undefined ? "not measured" : met ? "met" : "MISSED";
      return `- ${verdict}: ${promise}${measured === undefined ? "" : ` (${measured})`}`;
    })
    .join("\n");
}
