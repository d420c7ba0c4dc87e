import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type UndoSteps, undoSteps } from "../undo-steps";
import { barLines, checkBars } from "./bars";
import { ledgerProblems } from "./check-ledger";
import { startDatabase } from "./database";
import { type Flags, readFlags, readRowsFlags } from "./flags";
import { measureHolds } from "./hold-latency";
import { startInstantUpstream } from "./instant-upstream";
import { machineLine } from "./machine";
import { startMeasurer } from "./measure";
import { measureUnderSnapshot } from "./open-snapshot";
import { measurePortal, portalTable } from "./portal-pages";
import { budgetTable, figuresOf, headroomLine, table } from "./report";
import { benchRows } from "./rows/bench-rows";
import { MANY_WHOLE, ONE_WHOLE } from "./scenarios";
import { seedTollgate } from "./seed-tollgate";
import { startTargets } from "./start-targets";
import { hasLedger } from "./targets";

const FULL = {
  // Node keeps compiling for the first ten thousand requests or so.
  rounds: { rounds: 12, roundMs: 1000, warmUpMs: 6000, warmUpRequests: 20_000 },
  holds: { warmUpMs: 1000, measuredMs: 4000 },
  snapshot: { windowMs: 4000, windowsOpen: 5 },
  portal: { warmUpLoads: 60, measuredLoads: 200, wholeLoads: 2000 },
};
const QUICK = {
  rounds: { rounds: 2, roundMs: 1000, warmUpMs: 1000, warmUpRequests: 0 },
  holds: { warmUpMs: 500, measuredMs: 1000 },
  snapshot: { windowMs: 2000, windowsOpen: 3 },
  portal: { warmUpLoads: 40, measuredLoads: 50, wholeLoads: 300 },
};

/** Starts, measures and prints; returns the exit code. The caller runs the steps in `undo` afterwards, last first. */
async function bench(flags: Flags, undo: UndoSteps): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-bench-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  if (flags.cpuProfileFolder) mkdirSync(flags.cpuProfileFolder, { recursive: true });
  const pace = flags.quick ? QUICK : FULL;

  const upstream = await startInstantUpstream();
  undo.push(upstream.close);
  const database = flags.only.some(hasLedger) ? await startDatabase(join(folder, "database")) : undefined;
  if (database) undo.push(database.stop);
  const tollgate = await seedTollgate(database, upstream.url, flags.routing);
  const machine = machineLine(folder, database?.version);
  const surroundings = { upstream, folder, tollgate, cpuProfileFolder: flags.cpuProfileFolder };
  const { targets, absent } = await startTargets(flags.only, surroundings, { report, undo });

  const measurer = startMeasurer({ postgres: database?.pid, upstream: upstream.pid }, report);
  undo.push(measurer.close);
  const { rounds = pace.rounds.rounds } = flags;
  const samples = await measurer.measure(targets, flags.scenarios, { ...pace.rounds, rounds });
  const order = targets.map(({ id }) => id);
  const budgeted = targets.find(({ id }) => id === "server-budgets");
  if (flags.holdsAlone) report("holds alone");
  const holds = flags.holdsAlone ? await measureHolds(tollgate, pace.holds) : undefined;
  if (flags.openSnapshot) report("open snapshot");
  const snapshot =
    flags.openSnapshot && budgeted && database
      ? await measureUnderSnapshot(measurer, budgeted, MANY_WHOLE, database.url, pace.snapshot)
      : undefined;

  if (flags.portalPages) report("portal pages");
  const portal = flags.portalPages ? await measurePortal(folder, pace.portal, undo) : undefined;

  const figures = figuresOf(samples);
  const bars = checkBars(figures, holds, snapshot, portal);
  const sent = measurer.sent().filter(({ target }) => hasLedger(target));
  if (holds) sent.push({ target: "server-budgets", scenario: ONE_WHOLE, requests: holds.requests });
  const wrong = database ? await ledgerProblems(database.url, sent) : [];

  const { targets: routed, strategy } = flags.routing;
  const tables = [
    routed > 1 ? `Each model has ${routed} targets: ${strategy}.` : "",
    samples.length > 0 ? table(figures, flags.scenarios, order) : "",
    holds || snapshot ? budgetTable(holds, snapshot) : "",
    portal ? portalTable(portal) : "",
  ];
  console.log(`\n${[machine, ...tables, barLines(bars)].filter((part) => part !== "").join("\n\n")}`);
  for (const line of absent) console.log(`- ${line}`);
  if (wrong.length > 0) console.log(`- WRONG in the ledger: ${wrong.join("; ")}`);
  else if (sent.length > 0) {
    const requests = sent.reduce((sum, one) => sum + one.requests, 0);
    console.log(`- ledger: ${requests} requests sent, ${requests} settled rows, counters agree`);
  }
  if (samples.length > 0) console.log(`- ${headroomLine(samples)}`);
  if (flags.json) {
    const cells = flags.scenarios.flatMap((scenario) =>
      order.map((target) => ({ target, scenario: scenario.name, ...figures(target, scenario) })),
    );
    const all = {
      machine,
      routing: flags.routing,
      cells,
      bars,
      absent,
      ledger: wrong,
      samples,
      holds,
      snapshot,
      portal,
    };
    writeFileSync(flags.json, JSON.stringify(all, null, 2));
  }
  const missed = bars.some((bar) => bar.measured !== undefined && !bar.met);
  // A missing peer is no failure; a missing Tollgate is.
  const tollgateAbsent = flags.only.filter(hasLedger).some((id) => !order.includes(id));
  return missed || tollgateAbsent || wrong.length > 0 ? 1 : 0;
}

/** Progress goes to standard error, so that the table can be piped. */
function report(step: string): void {
  console.error(`bench: ${step}`);
}

const undo = undoSteps();
try {
  const rows = readRowsFlags();
  process.exitCode = await (rows === null ? bench(readFlags(), undo) : benchRows(rows, report, undo));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await undo.runAll();
}
