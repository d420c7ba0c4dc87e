import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { MOVING_GUIDES } from "#lib/guides/moving/guides";
import { test as cliTest, PROGRAM } from "../cli/tollgate";
import { expect, type Gate, settledRow } from "../fixtures";
import { ADMIN_API_KEY } from "../mounts";

export type Ran = { code: number | null; out: string; err: string };

/** Someone who moves in: in a directory with the old gateway's files, by the programs of a guide. */
export type Mover = {
  /** Puts a file of the old gateway there. */
  file(name: string, content: string): void;
  /** Runs a program in bash, as a guide has it. */
  run(program: string): Promise<Ran>;
  /** The organization of this test alone, in place of the guides' Acme. */
  organization: string;
  /** A step's program of a guide, for that organization. */
  step(guide: string, title: string): string;
};

export const test = cliTest.extend<{ mover: Mover }>({
  mover: async ({ gate }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "tollgate-moving-in-"));
    const organization = `Acme ${Math.random().toString(36).slice(2, 10)}`;
    const bin = join(folder, "bin");
    mkdirSync(bin);
    // `npx tollgate …` of this repository, without npm's half a second.
    writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(join(bin, "npx"), 0o755);
    const env = {
      NODE_ENV: "production" as const,
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      HOME: folder,
      TOLLGATE_URL: gate.url,
      TOLLGATE_TOKEN: ADMIN_API_KEY,
    };
    await use({
      organization,
      file: (name, content) => writeFileSync(join(folder, name), content),
      run: async (program) => {
        const child = spawn("bash", ["-c", program], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
        const ended = new Promise<number | null>((resolve, reject) => {
          child.once("error", reject);
          child.once("close", resolve);
        });
        const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
        return { code: await ended, out, err };
      },
      step: (guide, title) => {
        const steps = MOVING_GUIDES.find(({ id }) => id === guide)?.steps ?? [];
        const code = steps.find((step) => step.title === title)?.code;
        if (code === undefined) throw new Error(`the guide ${guide} has no step "${title}"`);
        return code.replaceAll("Acme", `"${organization}"`);
      },
    });
  },
});

/** Sends a request as a client with a key, and returns its row: served, and charged at the model's price. */
export async function expectServed(gate: Gate, key: string, model = gate.model("instant")) {
  const answer = await ask(gate, { authorization: `Bearer ${key}` }, model);
  const body = await answer.text();
  expect(answer.status, body).toBe(200);
  const row = await settledRow(gate, answer.headers.get("x-request-id"));
  expect(Number(row.cost_usd)).toBeGreaterThan(0);
  return row;
}

export const ask = (gate: Gate, headers: Record<string, string>, model = gate.model("instant")) =>
  fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: "user", content: "Hello!" }] }),
  });

/** Expects an error of the data plane. */
export async function expectRejected(answer: Response, code: string): Promise<void> {
  expect((await answer.json()).error.code).toBe(code);
}
