import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Seeded, seedGateway } from "../seed";
import { type FakeUpstreamProcess, startFakeUpstreamProcess } from "../upstream/upstream-process";
import { barLines, checkBars } from "./bars";
import { type BenchDatabase, ledgerProblems, startDatabase } from "./database";
import { machineLine } from "./machine";
import { startMeasurer } from "./measure";
import { figuresOf, table } from "./report";
import { BENCH_MODELS, BENCH_RULES, BENCH_SCENARIOS, type BenchScenario } from "./scenarios";
import { hasLedger, LABELS, startTarget, TARGETS, type Target, type TargetId } from "./targets";

const USAGE = `npm run bench -- [options]
  --quick          two short rounds instead of five: a look, not a measurement
  --only a,b       of bare, server, next, portkey (calling the upstream directly is always measured)
  --scenario TEXT  those whose name contains it, such as "whole answer, 32"
  --json FILE      every round's figures, too
  --cpu-prof DIR   Tollgate's processes write CPU profiles there`;

const FULL = { rounds: 5, roundMs: 2500, warmUpMs: 2000 };
const QUICK = { rounds: 2, roundMs: 1000, warmUpMs: 1000 };

type Flags = {
  quick: boolean;
  only: TargetId[];
  scenarios: readonly BenchScenario[];
  json?: string;
  cpuProfileFolder?: string;
};

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: TARGETS.join(",") },
      scenario: { type: "string", default: "" },
      json: { type: "string" },
      "cpu-prof": { type: "string" },
    },
  });
  const wanted = values.only.split(",");
  const unknown = wanted.find((name) => !TARGETS.some((id) => id === name));
  if (unknown !== undefined) throw new Error(`There is no target "${unknown}".\n${USAGE}`);
  const scenarios = BENCH_SCENARIOS.filter(({ name }) => name.includes(values.scenario));
  if (scenarios.length === 0) throw new Error(`There is no scenario "${values.scenario}".\n${USAGE}`);
  return {
    quick: values.quick,
    scenarios,
    only: TARGETS.filter((id) => id === "direct" || wanted.includes(id)),
    json: values.json,
    cpuProfileFolder: values["cpu-prof"] && resolve(values["cpu-prof"]),
  };
}

/** Starts, measures, prints; returns the exit code. Everything pushed to `undo` is undone afterwards, last first. */
async function bench(flags: Flags, undo: (() => unknown)[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-bench-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  if (flags.cpuProfileFolder) mkdirSync(flags.cpuProfileFolder, { recursive: true });

  const upstream = await startFakeUpstreamProcess({ rules: BENCH_RULES, record: false });
  undo.push(upstream.close);
  const needsDatabase = flags.only.some(hasLedger);
  const database = needsDatabase ? await startDatabase(join(folder, "database")) : undefined;
  if (database) undo.push(database.stop);
  const tollgate = await seedTollgate(database, upstream);
  const machine = machineLine(folder, database?.version);

  const targets: Target[] = [];
  const absent: string[] = [];
  for (const id of flags.only) {
    say(`starting ${LABELS[id]}`);
    try {
      const cpuProfileFolder = flags.cpuProfileFolder;
      const target = await startTarget(id, { upstream, folder, tollgate, cpuProfileFolder });
      targets.push(target);
      undo.push(target.stop);
    } catch (error) {
      absent.push(`${LABELS[id]} was not measured: ${error instanceof Error ? error.message : error}`);
    }
  }

  const measurer = startMeasurer(database?.pid, say);
  undo.push(measurer.close);
  const samples = await measurer.measure(targets, flags.scenarios, flags.quick ? QUICK : FULL);
  const figures = figuresOf(samples);
  const bars = checkBars(figures, flags.scenarios);
  const sent = targets
    .filter(({ id }) => hasLedger(id))
    .flatMap(({ id }) =>
      flags.scenarios.map((scenario) => ({ scenario, requests: measurer.sentTo(id, scenario) })),
    );
  const wrong = database ? await ledgerProblems(database.url, sent) : [];
  const requests = sent.reduce((sum, one) => sum + one.requests, 0);

  const order = targets.map(({ id }) => id);
  console.log(`\n${machine}\n\n${table(figures, flags.scenarios, order)}\n\n${barLines(bars)}`);
  for (const line of absent) console.log(`- ${line}`);
  if (wrong.length > 0) console.log(`- WRONG in the ledger: ${wrong.join("; ")}`);
  else if (requests > 0) {
    console.log(`- ledger: ${requests} requests sent, ${requests} settled rows, counters agree`);
  }
  if (flags.json) {
    const cells = flags.scenarios.flatMap((scenario) =>
      order.map((target) => ({ target, scenario: scenario.name, ...figures(target, scenario) })),
    );
    writeFileSync(
      flags.json,
      JSON.stringify({ machine, cells, bars, absent, ledger: wrong, samples }, null, 2),
    );
  }
  const missed = bars.some((bar) => bar.measured !== undefined && !bar.met);
  // A peer that cannot be had excuses its bars; Tollgate itself does not.
  const tollgateAbsent = flags.only.filter(hasLedger).some((id) => !order.includes(id));
  return missed || tollgateAbsent || wrong.length > 0 ? 1 : 0;
}

async function seedTollgate(database: BenchDatabase | undefined, upstream: FakeUpstreamProcess) {
  const encryptionKey = randomBytes(32).toString("base64");
  const seeded: Pick<Seeded, "apiKey"> = database
    ? await seedGateway(database.url, encryptionKey, {
        upstreamUrl: upstream.url,
        models: BENCH_MODELS.map((name) => ({ name })),
      })
    : { apiKey: "" };
  return { apiKey: seeded.apiKey, databaseUrl: database?.socketUrl ?? "", encryptionKey };
}

/** Progress goes to standard error, so that the table can be piped. */
function say(step: string): void {
  console.error(`bench: ${step}`);
}

const undo: (() => unknown)[] = [];
async function undoAll(): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void undoAll().finally(() => process.exit(130)));
}
try {
  process.exitCode = await bench(readFlags(), undo);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await undoAll();
}
