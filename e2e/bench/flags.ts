import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { BENCH_SCENARIOS, type BenchScenario, HOLDS_ALONE, OPEN_SNAPSHOT } from "./scenarios";
import { isTarget, processOf, TARGETS, type TargetId } from "./targets";

const USAGE = `npm run bench -- [options]
  --quick          two short rounds instead of five: a look, not a measurement
  --only a,b       of ${TARGETS.slice(1).join(", ")}
                   (calling the upstream directly is always measured)
  --scenario TEXT  those whose name contains it, such as "whole answer, 32", "holds" or "snapshot"
  --json FILE      every round's figures, too
  --cpu-prof DIR   Tollgate's processes write CPU profiles there`;

export type Flags = {
  quick: boolean;
  /** In the order of `TARGETS`; a budgeted one comes with the one whose process it asks. */
  only: TargetId[];
  scenarios: readonly BenchScenario[];
  holdsAlone: boolean;
  openSnapshot: boolean;
  json?: string;
  cpuProfileFolder?: string;
};

/** Reads the command line. @throws saying what there is, where it asks for something else */
export function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: TARGETS.join(",") },
      scenario: { type: "string", default: "" },
      json: { type: "string" },
      "cpu-prof": { type: "string" },
    },
  });
  const names = values.only.split(",");
  const unknown = names.find((name) => !isTarget(name));
  if (unknown !== undefined) throw new Error(`There is no target "${unknown}".\n${USAGE}`);
  const wanted = names.filter(isTarget);
  const needed = new Set<TargetId>(["direct", ...wanted, ...wanted.map(processOf)]);

  const isNamed = (name: string) => name.includes(values.scenario);
  const scenarios = BENCH_SCENARIOS.filter(({ name }) => isNamed(name));
  if (scenarios.length === 0 && ![HOLDS_ALONE, OPEN_SNAPSHOT].some(isNamed)) {
    throw new Error(`There is no scenario "${values.scenario}".\n${USAGE}`);
  }
  const hasBudgets = needed.has("server-budgets");
  return {
    quick: values.quick,
    only: TARGETS.filter((id) => needed.has(id)),
    scenarios,
    holdsAlone: hasBudgets && isNamed(HOLDS_ALONE),
    openSnapshot: hasBudgets && isNamed(OPEN_SNAPSHOT),
    json: values.json,
    cpuProfileFolder: values["cpu-prof"] && resolve(values["cpu-prof"]),
  };
}
