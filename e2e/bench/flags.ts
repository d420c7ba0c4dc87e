import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { STRATEGIES, type Strategy } from "#lib/db/schema/strategies";
import { BENCH_SCENARIOS, type BenchScenario, HOLDS_ALONE, OPEN_SNAPSHOT, PORTAL_PAGES } from "./scenarios";
import { isTarget, processOf, TARGETS, type TargetId } from "./targets";

const ROWS_FOLDER = join(tmpdir(), "tollgate-bench-rows");
const USAGE = `npm run bench -- [options]
  --quick          two rounds instead of twelve and a short warm-up, for a rough impression
  --rounds N       another number of rounds
  --only a,b       targets: ${TARGETS.slice(1).join(", ")}
                   (direct requests to the upstream are always measured)
  --scenario TEXT  scenarios whose name contains TEXT, such as "whole answer, 32", "holds", "snapshot" or "portal"
  --targets N      how many targets each model has, each of a provider of its own (default: 1)
  --strategy NAME  how they are ordered: ${STRATEGIES.join(", ")} (default: round_robin)
  --json FILE      write every round's figures to FILE
  --cpu-prof DIR   write CPU profiles of Tollgate's processes to DIR
npm run bench -- --rows 10m [options]: reads of the Admin API and the portal, and retention, with so many requests
  --rows N         100k, 1m, 10m
  --data DIR       where the database is kept for further runs (default: ${ROWS_FOLDER})
  --scenario TEXT  reads whose section and name contain TEXT, such as "requests", "usage: by tag" or "retention"`;

export type Flags = {
  quick: boolean;
  rounds?: number;
  /** In the order of `TARGETS`; a budgeted target includes the one whose process it uses. */
  only: TargetId[];
  scenarios: readonly BenchScenario[];
  holdsAlone: boolean;
  openSnapshot: boolean;
  portalPages: boolean;
  routing: BenchRouting;
  json?: string;
  cpuProfileFolder?: string;
};

/** How many targets each model has, and how they are ordered. */
export type BenchRouting = { targets: number; strategy: Strategy };
const MOST_TARGETS = 100;

/** What `--rows` measures. */
export type RowsFlags = { rows: number; folder: string; only: string };

/** Reads `--rows` and what goes with it; null without it. @throws with the usage for no number */
export function readRowsFlags(): RowsFlags | null {
  const { values } = parseArgs({
    options: {
      rows: { type: "string" },
      data: { type: "string", default: ROWS_FOLDER },
      scenario: { type: "string", default: "" },
    },
    strict: false,
  });
  if (values.rows === undefined) return null;
  const [, digits, unit = ""] = /^(\d+)([km]?)$/.exec(String(values.rows)) ?? [];
  const rows = Number(digits) * { "": 1, k: 1_000, m: 1_000_000 }[unit === "k" || unit === "m" ? unit : ""];
  if (!(rows >= 1000)) throw new Error(`--rows must be at least 1000, such as 10m.\n${USAGE}`);
  return { rows, folder: resolve(String(values.data)), only: String(values.scenario) };
}

/** Reads the command line. @throws with the usage for an unknown target or scenario */
export function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string", default: TARGETS.join(",") },
      scenario: { type: "string", default: "" },
      targets: { type: "string", default: "1" },
      strategy: { type: "string", default: "round_robin" },
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
    routing: routingOf(values),
    json: values.json,
    cpuProfileFolder: values["cpu-prof"] && resolve(values["cpu-prof"]),
  };
}

function routingOf({ targets, strategy: named }: { targets: string; strategy: string }): BenchRouting {
  const strategy = STRATEGIES.find((name) => name === named);
  if (strategy === undefined) throw new Error(`Unknown strategy "${named}".\n${USAGE}`);
  const count = Number(targets);
  if (!Number.isInteger(count) || count < 1 || count > MOST_TARGETS)
    throw new Error(`--targets must be a number from 1 to ${MOST_TARGETS}.\n${USAGE}`);
  return { targets: count, strategy };
}
