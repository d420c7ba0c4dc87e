import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { BENCH_SCENARIOS, type BenchScenario, HOLDS_ALONE, OPEN_SNAPSHOT, PORTAL_PAGES } from "./scenarios";
import { isTarget, processOf, TARGETS, type TargetId } from "./targets";

const USAGE = `npm run bench -- [options]
  --quick          two short rounds instead of five, for a rough impression
  --rounds N       another number of rounds
  --only a,b       targets: ${TARGETS.slice(1).join(", ")}
                   (direct requests to the upstream are always measured)
  --scenario TEXT  scenarios whose name contains TEXT, such as "whole answer, 32", "holds", "snapshot" or "portal"
  --json FILE      write every round's figures to FILE
  --cpu-prof DIR   write CPU profiles of Tollgate's processes to DIR`;

export type Flags = {
  quick: boolean;
  rounds?: number;
  /** In the order of `TARGETS`; a budgeted target includes the one whose process it uses. */
  only: TargetId[];
  scenarios: readonly BenchScenario[];
  holdsAlone: boolean;
  openSnapshot: boolean;
  portalPages: boolean;
  json?: string;
  cpuProfileFolder?: string;
};

/** Reads the command line. @throws with the usage for an unknown target or scenario */
export function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string", default: TARGETS.join(",") },
      scenario: { type: "string", default: "" },
      json: { type: "string" },
      "cpu-prof": { type: "string" },
    },
  });
  const names = values.only.split(",");
  const unknown = names.find((name) => !isTarget(name));
  if (unknown !== undefined) throw new Error(`Unknown target "${unknown}".\n${USAGE}`);
  const wanted = names.filter(isTarget);
  const needed = new Set<TargetId>(["direct", ...wanted, ...wanted.map(processOf)]);

  const isNamed = (name: string) => name.includes(values.scenario);
  const scenarios = BENCH_SCENARIOS.filter(({ name }) => isNamed(name));
  if (scenarios.length === 0 && ![HOLDS_ALONE, OPEN_SNAPSHOT, PORTAL_PAGES].some(isNamed)) {
    throw new Error(`Unknown scenario "${values.scenario}".\n${USAGE}`);
  }
  const portalPages = needed.has("server") && isNamed(PORTAL_PAGES);
  const portalAlone = portalPages && scenarios.length === 0 && ![HOLDS_ALONE, OPEN_SNAPSHOT].some(isNamed);
  const hasBudgets = needed.has("server-budgets");
  return {
    quick: values.quick,
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    only: portalAlone ? [] : TARGETS.filter((id) => needed.has(id)),
    scenarios,
    holdsAlone: hasBudgets && isNamed(HOLDS_ALONE),
    openSnapshot: hasBudgets && isNamed(OPEN_SNAPSHOT),
    portalPages,
    json: values.json,
    cpuProfileFolder: values["cpu-prof"] && resolve(values["cpu-prof"]),
  };
}
