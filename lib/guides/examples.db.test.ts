import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });
const FOLDER = join(projectRoot(), "lib/guides/examples");

/** How a program is run, and how to see whether this machine can. */
const PROGRAMS: [language: string, command: string, args: string[], version: string][] = [
  ["TypeScript", process.execPath, ["--import", "tsx", "ask.ts"], "--version"],
  ["Python", "python3", ["ask.py"], "--version"],
  ["Go", "go", ["run", "ask.go"], "version"],
  ["curl", "sh", ["ask.sh"], "-c true"],
];
const isHere = (command: string, version: string) => spawnSync(command, version.split(" ")).status === 0;

type Ran = { code: number; out: string; err: string };

const run = (command: string, args: string[], apiKey: string): Promise<Ran> =>
  new Promise((resolve) => {
    const { PATH = "" } = process.env;
    const home = mkdtempSync(join(tmpdir(), "tollgate-example-"));
    const env = {
      NODE_ENV: "test" as const,
      PATH,
      HOME: home,
      TOLLGATE_URL: new URL(gate.url).origin,
      TOLLGATE_API_KEY: apiKey,
    };
    execFile(command, [...args, "instant", "Hello"], { cwd: FOLDER, env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

describe.each(PROGRAMS)("the example in %s", (_language, command, args, version) => {
  test.skipIf(!isHere(command, version))("streams an answer, which is one row with its tag", async () => {
    const { code, out, err } = await run(command, args, gate.seeded.apiKey);
    expect([code, out], err).toEqual([0, expect.stringContaining("Hello")]);
    const id = /request (\S+)/.exec(err)?.[1] ?? null;
    expect(await gate.settledRow(id)).toMatchObject({ status: "settled", stream: true, tags: ["example"] });
  });

  test.skipIf(!isHere(command, version))("says what is wrong with a key", async () => {
    const { code, out, err } = await run(command, args, "tg_live_wrong");
    expect(code).not.toBe(0);
    expect(out + err).toContain("invalid_api_key");
  });
});
