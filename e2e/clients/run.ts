import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../child-server";
import { CLIENT_AGENTS, type ClientAgent } from "./agents";
import { type Row, wrongRows } from "./check-rows";
import { type Exchange, startRecordingProxy } from "./recording-proxy";

/**
 * `npm run test:clients`: installs real coding agents from npm, sets each up with `tollgate configure`, and has it work
 * on the demo: its tool writes a file, its next turn carries the result, and the ledger's rows are exact.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTALLED = join(ROOT, "node_modules/.cache/tollgate-clients");
const ADMIN_API_KEY = "admin-key-of-the-clients-test";
const MODEL = "demo-fast";
const AGENT_WITHIN_MS = 240_000;
const INSTALL_WITHIN_MS = 1_800_000;
/** The result is not in the prompt, so that only the tool can have made it. */
const COMMAND = "expr 31337 '*' 3 | tee proof.txt";
const RESULT = "94011";

const wanted = process.argv.slice(2);
const agents = CLIENT_AGENTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
const work = mkdtempSync(join(tmpdir(), "tollgate-clients-"));
await install();
const port = await freePort();
const server = await startChildServer({
  args: ["dist/server.js", "--demo"],
  env: { PORT: String(port), HOST: "127.0.0.1", DATA_DIR: join(work, "data"), ADMIN_API_KEY },
  port,
  readyPath: "/readyz",
  logFile: join(work, "server.log"),
});
const url = `http://127.0.0.1:${port}`;
let failed = 0;
for (const agent of agents) {
  const faults = await tryAgent(agent).catch((error: unknown) => [String(error)]);
  process.stdout.write(`${faults.length === 0 ? "✓" : "✗"} ${agent.package}@${agent.version}\n`);
  for (const fault of faults) process.stdout.write(`    ${fault}\n`);
  if (faults.length > 0) failed += 1;
}
await server.stop();
rmSync(work, { recursive: true, force: true });
process.stdout.write(`\n${agents.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && agents.length > 0 ? 0 : 1;

/** What went wrong; empty if all went well. */
async function tryAgent(agent: ClientAgent): Promise<string[]> {
  const home = join(work, agent.id);
  const project = join(home, "project");
  mkdirSync(project, { recursive: true });
  const { key, id } = await createKey(agent.id);
  const proxy = await startRecordingProxy(url);
  try {
    const env = { HOME: home, PATH: process.env.PATH ?? "", TERM: "dumb", NO_COLOR: "1", ...agent.env };
    const configure = [join(ROOT, "lib/cli/tollgate.mjs"), "configure", agent.id, "--url", proxy.url];
    await run(process.execPath, [...configure, "--key", key, "--model", MODEL, "--write"], {
      env,
      cwd: project,
    });
    const prompt = `Please count.\nCall the tool ${agent.tool} with ${JSON.stringify(agent.call(COMMAND))}`;
    const program = join(INSTALLED, "node_modules/.bin", agent.program);
    const said = await run(program, agent.args, { env, cwd: project, input: prompt });
    const rows = await rowsOf(id);
    const faults = [
      ...wrongTurns(proxy.exchanges, project),
      ...wrongRows(proxy.exchanges, rows, agent.endpoint, await priceOf(MODEL)),
    ];
    if (faults.length > 0) faults.push(`it said: ${said.trim().slice(-600)}`);
    return faults;
  } finally {
    await proxy.stop();
  }
}

function wrongTurns(exchanges: readonly Exchange[], project: string): string[] {
  const faults: string[] = [];
  try {
    if (readFileSync(join(project, "proof.txt"), "utf8").trim() !== RESULT) faults.push("the file is wrong");
  } catch {
    faults.push("the tool wrote no file");
  }
  const second = exchanges.find(({ body, status }) => status === 200 && body.includes(RESULT));
  if (second === undefined) faults.push("no turn carries the tool's result");
  const refused = exchanges.filter(({ path, status }) => path.includes("/v1/") && status >= 400);
  return [
    ...faults,
    ...refused.map(({ path, status, answer }) => `${path}: ${status} ${answer.slice(0, 300)}`),
  ];
}

/** Installs what is missing: the agents have a gigabyte together. */
async function install(): Promise<void> {
  mkdirSync(INSTALLED, { recursive: true });
  const missing = agents.filter((agent) => installedVersion(agent) !== agent.version);
  if (missing.length === 0) return;
  // Also those that are there: npm removes what is not asked for.
  const packages = CLIENT_AGENTS.map((agent) => `${agent.package}@${agent.version}`);
  process.stdout.write(`Installing ${packages.join(", ")}…\n`);
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", "--prefix", INSTALLED, ...flags, ...packages], {
    env: definedEnv(),
    cwd: INSTALLED,
    withinMs: INSTALL_WITHIN_MS,
  });
}

function installedVersion({ package: name }: ClientAgent): string | null {
  try {
    return JSON.parse(readFileSync(join(INSTALLED, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return null;
  }
}

function definedEnv(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME };
}

async function createKey(name: string): Promise<{ id: string; key: string }> {
  const budget = { limit_usd: "20", period: "total" };
  const organization = await api("POST", "/organizations", { name: `Clients: ${name}`, budget });
  return api("POST", "/api-keys", { name, organization_id: organization.id });
}

/** Settled rows: a stream's last event is sent once its row is. */
async function rowsOf(keyId: string): Promise<Row[]> {
  return (await api("GET", `/requests?api_key_id=${keyId}`)).data;
}

async function priceOf(model: string) {
  const { data } = await api("GET", "/models?limit=100");
  const found = data.find(({ name }: { name: string }) => name === model);
  return found.targets[0].price;
}

async function api(method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/api/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
  return said;
}

type RunOptions = { env: Record<string, string>; cwd: string; input?: string; withinMs?: number };

/** Runs a program to its end. @returns what it printed @throws if it fails or takes too long */
function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { env, cwd, input = "", withinMs = AGENT_WITHIN_MS } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { NODE_ENV: "production", ...env } });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(said);
      else reject(new Error(`${program} ended with ${code ?? signal}: ${said.trim().slice(-1500)}`));
    });
  });
}
