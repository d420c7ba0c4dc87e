import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { redisServerPath } from "#lib/limits/testing/redis-server";
import { casesLeftOut } from "#lib/testing/shared-data";
import { chromiumPath } from "./chromium";
import { type Failure, failureList, playwrightFailures, vitestFailures, vitestSkipped } from "./failures";

/**
 * `npm test`: installs what the tests need, builds, and runs all of them: unit and integration (Vitest, on a
 * real PostgreSQL), end to end (Playwright), and the proof of credit control (chaos). Ends by printing the failed
 * tests, how many cases were left out because their data is not present, and `N passed, N failed`.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESULTS = `${ROOT}/test-results`;

type Count = { passed: number; failed: number; failures: Failure[]; skipped?: string[] };

process.chdir(ROOT);
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
await provideChromium();
await provideRedis();
await run("node", ["--import", "tsx", "lib/build/build.ts", "--if-needed"], { mustWork: true });
const counts = [await runVitest(), await runPlaywright(), await runChaos()];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.stdout.write(`\n${failureList(counts.flatMap((count) => count.failures))}`);
process.stdout.write(leftOut(casesLeftOut()) + skippedList(counts.flatMap(({ skipped = [] }) => skipped)));
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/** Every dialect case has a fixture in the repository; what is left out repeats it with a real provider's answer. */
function leftOut(cases: readonly string[]): string {
  if (cases.length === 0) return "";
  return `\n${cases.length} cases left out, since ../shared is not present: ${cases.join(", ")}\n`;
}

function skippedList(tests: readonly string[]): string {
  if (tests.length === 0) return "";
  return `\n${tests.length} tests skipped, since this machine lacks what they need:\n  ${tests.join("\n  ")}\n`;
}

/** Uses the system's Chromium, else Playwright's, else installs Debian's. */
async function provideChromium(): Promise<void> {
  if (chromiumPath() !== null) return;
  process.stdout.write("Installing Chromium for the browser tests…\n");
  const installed = await run("npx", ["playwright", "install", "--with-deps", "chromium"]);
  if (installed && chromiumPath() !== null) return;
  await run("apt-get", ["update", "-qq"]);
  await run("apt-get", ["install", "-y", "-qq", "chromium"]);
  if (chromiumPath() === null) {
    process.stdout.write(
      "Could not install Chromium: install it (apt-get install chromium) and try again.\n",
    );
    process.exit(1);
  }
}

/** The tests of rate windows use the system's redis-server, else Debian's. */
async function provideRedis(): Promise<void> {
  if (redisServerPath() !== null) return;
  process.stdout.write("Installing Redis for the tests of rate windows…\n");
  await run("apt-get", ["update", "-qq"]);
  await run("apt-get", ["install", "-y", "-qq", "redis-server"]);
  if (redisServerPath() === null) {
    process.stdout.write(
      "Could not install redis-server: install it (apt-get install redis-server) and try again.\n",
    );
    process.exit(1);
  }
}

async function runVitest(): Promise<Count> {
  const file = `${RESULTS}/vitest.json`;
  const worked = await run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${file}`,
  ]);
  const report: { numPassedTests?: number; numFailedTests?: number } = readReport(file);
  const failures = vitestFailures(report, ROOT);
  return withFailure("Vitest", worked, {
    passed: report.numPassedTests ?? 0,
    failed: report.numFailedTests ?? 0,
    failures,
    skipped: vitestSkipped(report, ROOT),
  });
}

async function runPlaywright(): Promise<Count> {
  // The specs seed through the product's modules, some of which import server-only.
  const worked = await run("npx", ["playwright", "test", "-c", "e2e/playwright.config.ts"], {
    env: { NODE_OPTIONS: "--conditions=react-server" },
  });
  const report: { stats?: { expected: number; unexpected: number; flaky: number } } = readReport(
    `${RESULTS}/e2e.json`,
  );
  const { expected = 0, unexpected = 0, flaky = 0 } = report.stats ?? {};
  const failures = playwrightFailures(report);
  return withFailure("Playwright", worked, { passed: expected, failed: unexpected + flaky, failures });
}

/** The proof of credit control counts as one test. */
async function runChaos(): Promise<Count> {
  const worked = await run("npm", ["run", "--silent", "test:chaos"]);
  return withFailure("npm run test:chaos", worked, { passed: worked ? 1 : 0, failed: 0, failures: [] });
}

/** A runner that fails without a failed test (it crashed, or found no tests) counts as one failure. */
function withFailure(runner: string, worked: boolean, count: Count): Count {
  if (worked || count.failed > 0) return count;
  const crash = { name: runner, reason: "failed outside of any test: see its output above" };
  return { ...count, failed: 1, failures: count.failures.length > 0 ? count.failures : [crash] };
}

function readReport(file: string): Record<string, never> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}

function run(
  command: string,
  args: string[],
  { env = {}, mustWork = false }: { env?: Record<string, string>; mustWork?: boolean } = {},
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => {
      if (code !== 0 && mustWork) process.exit(code ?? 1);
      resolve(code === 0);
    });
  });
}
