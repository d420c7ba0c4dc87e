import { spawn } from "node:child_process";

type RunOptions = {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  input?: string;
  withinMs?: number;
};

const PROGRAM_WITHIN_MS = 240_000;

/** Runs a program to its end. @returns what it printed @throws if it fails or takes too long */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { env, cwd, input = "", withinMs = PROGRAM_WITHIN_MS } = options;
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
