import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { Output } from "#lib/cli/io";
import { runCli } from "#lib/cli/run";
import { TOKEN } from "./fake-server";

export type Ran = { code: number; out: string; err: string };

export type RunOptions = {
  /** What stdin says. */
  stdin?: string;
  /** A person is there. */
  terminal?: boolean;
  columns?: number;
  configFile?: string;
  url?: string;
  token?: string;
  apiKey?: string;
};

/** Runs a command line in this process, as in an environment that names the server and the token. */
export async function runHere(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { stdin = "", terminal = false, columns = null } = options;
  const outputs = { out: "", err: "" };
  const output = (name: keyof typeof outputs): Output => ({
    write: (text) => {
      outputs[name] += text;
    },
    isTerminal: terminal,
    columns,
    colour: false,
    gone: new AbortController().signal,
  });
  const prompts = new PassThrough();
  prompts.on("data", (chunk) => {
    outputs.err += chunk;
  });
  const code = await runCli(args, {
    input: { isTerminal: terminal, stream: Readable.from([stdin]) },
    out: output("out"),
    err: output("err"),
    prompts,
    env: {
      url: options.url,
      token: options.token,
      apiKey: options.apiKey,
      configFile: options.configFile ?? "/nonexistent/config.json",
      colour: false,
    },
  });
  return { code, ...outputs };
}

/** The same, for a server with the token that it takes. */
export const at =
  (server: { url: string }, base: RunOptions = {}) =>
  (args: readonly string[], options: RunOptions = {}) =>
    runHere(args, { url: server.url, token: TOKEN, ...base, ...options });

/** A place for profiles, where there are none yet. */
export const newConfigFile = () => join(mkdtempSync(join(tmpdir(), "tollgate-cli-")), "tollgate/config.json");
