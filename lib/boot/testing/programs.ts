import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "#lib/config/child-environment";
import { projectRoot } from "#lib/config/project-root";
import { bundleProgram } from "#lib/testing/bundle-program";

export type Program = {
  child: ChildProcess;
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string | null>;
};

export type Programs = {
  /** `server.ts`, like `npm start`. */
  server(env: Record<string, string>, parameters?: readonly string[]): Program;
  /** Only boot, which needs no build: prints `ready`, and stops on SIGTERM. */
  boot(env: Record<string, string>, parameters?: readonly string[], workingDirectory?: string): Program;
  /** Kills running programs and removes the bundles. */
  dispose(): Promise<void>;
};

const BOOT_ALONE = `
  import { boot } from "#lib/boot/start/boot";
  import { explainFailure } from "#lib/boot/start/explain-failure";
  try {
    const booted = await boot({ localUrl: "http://localhost:1", demo: process.argv.includes("--demo"), step: (_label, run) => run() });
    process.on("SIGTERM", async () => { await booted.close(); process.exit(0); });
    setInterval(() => {}, 1000);
    console.log("ready " + JSON.stringify(booted.signIn));
  } catch (error) {
    console.error(explainFailure(error));
    process.exit(1);
  }`;

/** Bundles the programs once, so that tests can start them as processes. */
export async function bundlePrograms(): Promise<Programs> {
  const root = projectRoot();
  const directory = mkdtempSync(join(tmpdir(), "tollgate-programs-"));
  await bundleProgram(directory, "server", { file: "server.ts" });
  await bundleProgram(directory, "portal", { file: "lib/boot/portal/main.ts" });
  await bundleProgram(directory, "boot", { code: BOOT_ALONE });

  const running = new Set<Program>();
  const start = (
    file: string,
    env: Record<string, string>,
    parameters: readonly string[] = [],
    workingDirectory = root,
  ): Program => {
    const child = spawn(process.execPath, [join(directory, file), ...parameters], {
      cwd: workingDirectory,
      env: childEnvironment({ LOG_LEVEL: "silent", ...env }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    const ended = new Promise<number | string | null>((resolve) => {
      child.once("close", (code, signal) => resolve(signal ?? code));
    });
    const program = { child, output: () => text, ended };
    running.add(program);
    return program;
  };
  return {
    server: (env, parameters) => start("server.js", env, parameters),
    boot: (env, parameters, workingDirectory) => start("boot.js", env, parameters, workingDirectory),
    dispose: async () => {
      for (const { child, ended } of running) {
        child.kill("SIGKILL");
        await ended;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
