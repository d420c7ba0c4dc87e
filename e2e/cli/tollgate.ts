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
  /** Runs the CLI as somebody who has set TOLLGATE_URL and TOLLGATE_TOKEN. */
  run(args: readonly string[], options?: Options): Promise<Ran>;
  /** The JSON that a command prints with --json; fails where the command does. */
  json(...args: string[]): Promise<Answer>;
  /** Runs a line in bash, as somebody who has set nothing, with a home of their own. */
  shell(line: string): Promise<Ran>;
};

/** As much of any answer as the specs look at. */
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

/** `tollgate`: the CLI against the mount that is tested. */
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
