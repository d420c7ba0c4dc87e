import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import { seedGateway } from "#lib/testing/seed";
import { startFakeUpstreamProcess } from "#lib/testing/upstream/upstream-process";
import { type UndoSteps, undoSteps } from "../undo-steps";
import { logChanges } from "./change-log";
import { startChanges } from "./changes";
import { checkLedger } from "./check-ledger";
import { startClients } from "./clients";
import { startDisruptions } from "./disruptions";
import { startFleet } from "./fleet";
import { ATTACKS, type AttackName } from "./hostile/attack";
import { attacks, hostileModels } from "./hostile/attacks";
import { startHostileClients } from "./hostile/clients";
import { seedHostileTenants } from "./hostile/tenants";
import { overspendingOf, trueSpend } from "./hostile/true-spend";
import { addSecondTargets, ORDINARY_MODELS, seedModelOf, upstreamRulesOf } from "./models";
import { Discrepancy, startPolls } from "./polls";
import { randomFrom } from "./random";
import { retryingSql } from "./retrying-sql";
import { summary } from "./summary";
import { seedTenants } from "./tenants";
import { WITHOUT_DEFENCE } from "./undefended/without-defence";

const USAGE = `npm run test:chaos -- [options]
  --minutes N    send requests for N minutes instead of 45 seconds; also --seconds N
  --seed N       repeat the random choices of an earlier run; timing still differs
  --without DEFENCE
                 switch off what protects hard budgets from one of the attacks, which must then be found:
                 ${ATTACKS.join(", ")}`;

const GATEWAYS = 4;
const ORDINARY_CLIENTS = 28;
const HOSTILE_CLIENTS_PER_ATTACK = 3;
const CLIENTS = ORDINARY_CLIENTS + attacks.length * HOSTILE_CLIENTS_PER_ATTACK;
const POLL_EVERY_MS = 100;
const REPLAY_TIMEOUT_MS = 90_000;

type Flags = { seconds: number; seed: number; without: AttackName | null };

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string" },
      seconds: { type: "string" },
      seed: { type: "string" },
      without: { type: "string" },
    },
  });
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const [minutes, seconds, seed] = [values.minutes, values.seconds, values.seed].map(number);
  const flags = {
    seconds: seconds ?? (minutes === undefined ? 45 : minutes * 60),
    seed: seed ?? randomInt(2 ** 31),
    without: ATTACKS.find((name) => name === values.without) ?? null,
  };
  if (values.without !== undefined && flags.without === null) throw new Error(USAGE);
  if (!(flags.seconds > 0) || !Number.isSafeInteger(flags.seed)) throw new Error(USAGE);
  return flags;
}

/** Runs the test and returns its summary. The caller runs the steps in `undo` afterwards, last first. */
async function chaos({ seconds, seed, without }: Flags, folder: string, undo: UndoSteps): Promise<string> {
  const random = randomFrom(seed);
  const postgres = await startEmbeddedPostgres({ directory: join(folder, "postgres") });
  undo.push(postgres.stop);
  await migrate(postgres.url);
  const database = retryingSql(postgres.url);
  undo.push(database.close);
  const models = [...ORDINARY_MODELS, ...hostileModels];
  const rules = upstreamRulesOf(models);
  const upstream = await startFakeUpstreamProcess({ rules, record: false, bill: true });
  undo.push(upstream.close);

  const encryptionKey = randomBytes(32).toString("base64");
  await seedGateway(postgres.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: models.map(seedModelOf),
  });
  await addSecondTargets(database.sql, models);
  await database.sql`UPDATE model_targets SET timeout_ms = 3000, idle_timeout_ms = 3000`;
  const { limited, callers } = await seedTenants(database.sql, encryptionKey, random.fork());
  const hostile = await seedHostileTenants(database.sql, encryptionKey);
  await logChanges(database.sql);

  const fleet = await startFleet({
    folder: join(folder, "gateways"),
    places: GATEWAYS,
    replacements: without === null ? {} : WITHOUT_DEFENCE[without],
    env: {
      DATABASE_URL: postgres.url,
      DATA_DIR: join(folder, "data"),
      ENCRYPTION_KEY: encryptionKey,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      LOG_LEVEL: "warn",
    },
  });
  undo.push(fleet.close);

  let failure: unknown;
  const polls = startPolls(database, [...limited, ...hostile.scopes]);
  const changes = startChanges(database, polls, limited, random.fork());
  const clients = startClients(ORDINARY_CLIENTS, fleet, callers, random.fork());
  const attackers = startHostileClients(HOSTILE_CLIENTS_PER_ATTACK, fleet, hostile.keys, random.fork());
  const disruptions = startDisruptions(fleet, postgres, random.fork(), (error) => {
    failure ??= error;
  });
  const endsAt = Date.now() + seconds * 1_000;
  const progress = setInterval(() => report(`${clients.traffic.sent + attackers.sent()} requests`), 10_000);
  try {
    while (Date.now() < endsAt && failure === undefined) {
      await polls.poll();
      await changes.change();
      await sleep(POLL_EVERY_MS);
    }
  } finally {
    // Also after a discrepancy: what still ran would keep this process alive.
    clearInterval(progress);
    await disruptions.stop();
    await Promise.all([clients.stop(), attackers.stop()]);
  }
  if (failure !== undefined) throw failure;
  report("all requests are sent; shutting down");
  await polls.poll();
  await waitForEmptyJournals(join(folder, "data", "journal"));
  for (let place = 0; place < GATEWAYS; place++) {
    const code = await fleet.stop(place);
    if (code !== 0) throw new Discrepancy(`a stopped gateway exited with ${code}`);
  }
  // Every process has ended: expire the leases of killed ones instead of waiting.
  await database.sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
  await sweepExpiredHolds(database.sql);
  await polls.poll();
  const bills = await upstream.bills();
  const attacked = await trueSpend(database.sql, hostile.scopes, bills);
  const overspending = overspendingOf(attacked);
  if (overspending !== null) throw new Discrepancy(overspending);
  const totals = await checkLedger(database.sql, bills, clients.traffic.whole);
  return summary(
    { seed, seconds, gateways: GATEWAYS, clients: CLIENTS },
    {
      traffic: clients.traffic,
      disruptions: disruptions.counts,
      changes: changes.counts,
      polls: polls.counts,
      totals,
      hostile: attackers.traffic,
      attacked,
    },
  );
}

/** Waits until every journalled request is in the ledger, including those of killed processes. */
async function waitForEmptyJournals(folder: string): Promise<void> {
  const deadline = Date.now() + REPLAY_TIMEOUT_MS;
  for (;;) {
    const files = await readdir(folder).catch(() => []);
    if (files.length === 0) return;
    if (Date.now() > deadline) throw new Discrepancy(`journals were not replayed: ${files.join(", ")}`);
    await sleep(200);
  }
}

/** Progress goes to standard error, so that the summary can be piped. */
function report(what: string): void {
  process.stderr.write(`chaos: ${what}\n`);
}

const undo = undoSteps();
const flags = readFlags();
const folder = mkdtempSync(join(tmpdir(), "tollgate-chaos-"));
try {
  process.stdout.write(`${await chaos(flags, folder, undo)}\n`);
  await undo.runAll();
  rmSync(folder, { recursive: true, force: true });
} catch (error) {
  const reason =
    error instanceof Discrepancy ? error.message : error instanceof Error ? error.stack : String(error);
  process.stdout.write(
    `\nCHAOS FOUND: ${reason}\n\nRepeat: npm run test:chaos -- --seed ${flags.seed} --seconds ${flags.seconds}\nLogs:   ${folder}\n`,
  );
  process.exitCode = 1;
} finally {
  await undo.runAll();
}
