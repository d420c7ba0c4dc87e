import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { inheritedEnvironment } from "#lib/config/child-environment";
import { patchPostgres } from "#lib/db/postgres-patch";
import { digestOfInputs } from "./inputs";
import { nodeProgram } from "./node-program";

const MANIFEST = "dist/build.json";
type Manifest = { inputs: string; buildId: string };

const wanted = new Set(process.argv.slice(2));
for (const flag of wanted) {
  if (flag !== "--if-needed" && flag !== "--server-only") {
    process.stderr.write(`Unknown option ${flag}: use --if-needed or --server-only.\n`);
    process.exit(2);
  }
}
try {
  await run();
} catch (error) {
  process.stderr.write(`\n  The build failed. ${error instanceof Error ? error.message : String(error)}\n\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  // Also when nothing is built: the packages may have been installed before our files were copied.
  patchPostgres(process.cwd());
  if (wanted.has("--server-only")) return buildServer();
  const inputs = digestOfInputs(process.cwd());
  if (wanted.has("--if-needed") && isBuilt(inputs)) return;
  process.stdout.write("\n");
  rmSync(MANIFEST, { force: true });
  await step("Building the portal", buildPortal);
  await step("Building the server", buildServer);
  const manifest: Manifest = { inputs, buildId: readFileSync(".next/BUILD_ID", "utf8") };
  writeFileSync(MANIFEST, JSON.stringify(manifest));
}

function isBuilt(inputs: string): boolean {
  if (![MANIFEST, "dist/server.js", "dist/portal.js", ".next/BUILD_ID"].every((file) => existsSync(file)))
    return false;
  const manifest: Partial<Manifest> = JSON.parse(readFileSync(MANIFEST, "utf8"));
  return manifest.inputs === inputs && manifest.buildId === readFileSync(".next/BUILD_ID", "utf8");
}

/** Builds the server and the portal process that it starts. */
async function buildServer(): Promise<void> {
  mkdirSync("dist", { recursive: true });
  await build({
    ...nodeProgram(process.cwd()),
    entryPoints: { server: "server.ts", portal: "lib/boot/portal/main.ts" },
    outdir: "dist",
  });
}

/** Runs `next build`, and shows its output only if it fails. */
async function buildPortal(): Promise<void> {
  const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    stdio: ["ignore", "pipe", "pipe"],
    // A shell may have set another mode.
    env: inheritedEnvironment({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }),
  });
  // A signal to npm ends its shell, but not the process in the shell.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill();
  }, 500);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(watch);
  if (status !== 0) throw new Error(`next build exited with ${status}:\n\n${output}`);
}

/** Shows the progress of a long step: running seconds in a terminal, a line every ten seconds elsewhere. */
async function step(label: string, task: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  const line = () =>
    `  ${`${label}…`.padEnd(28)}${((performance.now() - startedAt) / 1000).toFixed(1).padStart(4)} s`;
  const { isTTY } = process.stdout;
  const timer = isTTY
    ? setInterval(() => process.stdout.write(`\r${line()}`), 100)
    : setInterval(() => process.stdout.write(`${line()}\n`), 10_000);
  if (!isTTY) process.stdout.write(`  ${label}…\n`);
  try {
    await task();
    process.stdout.write(`${isTTY ? "\r" : ""}${line()}\n`);
  } finally {
    clearInterval(timer);
  }
}
