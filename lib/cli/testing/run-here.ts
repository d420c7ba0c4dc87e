import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { Output } from "#lib/cli/io";
import { runCli } from "#lib/cli/run";

export type Ran = { code: number; out: string; err: string };

export type RunOptions = {
  /** The content of stdin. */
  stdin?: string;
  /** Whether stdin and stdout are a terminal. */
  terminal?: boolean;
  columns?: number;
  configFile?: string;
  url?: string;
  token?: string;
  apiKey?: string;
  /** Where the agents' directories are. */
  home?: string;
  /** Variables that a configuration refers to. */
  variables?: Readonly<Record<string, string>>;
};

/** Runs a command line in this process, with the server and token in the environment. */
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
      agentDirectories: {
        claude: join(options.home ?? "/nonexistent", ".claude"),
        codex: join(options.home ?? "/nonexistent", ".codex"),
        opencode: join(options.home ?? "/nonexistent", "opencode"),
      },
      colour: false,
      named: (name) => options.variables?.[name],
    },
  });
  return { code, ...outputs };
}

/** A path for profiles, without a file yet. */
export const newConfigFile = () => join(mkdtempSync(join(tmpdir(), "tollgate-cli-")), "tollgate/config.json");
