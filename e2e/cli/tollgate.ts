import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { test as base } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PROGRAM = join(ROOT, "lib/cli/tollgate.mjs");

export type Ran = { code: number | null; out: string; err: string };
type Options = { stdin?: string; env?: Record<string, string> };

export type Tollgate = {
  /** Runs the CLI with TOLLGATE_URL and TOLLGATE_TOKEN set. */
  run(args: readonly string[], options?: Options): Promise<Ran>;
  /** Returns the JSON that a command prints with --json; throws when the command fails. */
  json(...args: string[]): Promise<Answer>;
  /** Runs a line in bash with a new home directory and no TOLLGATE_ variables. */
  shell(line: string): Promise<Ran>;
};

/** The fields of all answers that the specs read. */
export type Answer = {
  id: string;
  key: string;
  token: string;
  model: string;
  replaced: boolean;
  requests: number;
  cost_usd: string;
  revoked_at: string | null;
  payment_status: string;
  data: { id: string; name: string; email: string; key_prefix: string; outcome: string }[];
};

/** `tollgate`: the CLI, pointed at the server under test. */
export const test = base.extend<{ tollgate: Tollgate }>({
  tollgate: async ({ gate }, use) => {
    const home = mkdtempSync(join(tmpdir(), "tollgate-e2e-cli-"));
    const { PATH = "" } = process.env;
    const bare = { NODE_ENV: "production" as const, PATH, HOME: home, npm_config_update_notifier: "false" };
    const env = { ...bare, TOLLGATE_URL: gate.url, TOLLGATE_TOKEN: ADMIN_API_KEY };
    const run: Tollgate["run"] = (args, options = {}) =>
      ended(process.execPath, [PROGRAM, ...args], { ...env, ...options.env }, options.stdin);
    await use({
      run,
      json: async (...args) => {
        const { code, out, err } = await run([...args, "--json"]);
        if (code !== 0) throw new Error(`${args.join(" ")} exits with ${code}: ${err}`);
        return JSON.parse(out);
      },
      shell: (line) => ended("bash", ["-c", line], bare),
    });
  },
});

async function ended(program: string, args: string[], env: NodeJS.ProcessEnv, stdin = ""): Promise<Ran> {
  const child = spawn(program, args, { cwd: ROOT, env });
  child.stdin.on("error", () => {}).end(stdin);
  const code = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}
