import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import type { ClientAgent } from "./agents";
import { programOf } from "./install-agents";
import { type Exchange, startRecordingProxy } from "./recording-proxy";
import { runProgram } from "./run-program";
import type { TollgateServer } from "./tollgate-server";

const TOLLGATE = fileURLToPath(new URL("../../lib/cli/tollgate.mjs", import.meta.url));
/** The result is not in the prompt, so that only the tool can have made it. */
export const COMMAND = "expr 31337 '*' 3 | tee proof.txt";
export const RESULT = "94011";

/** What an agent is to do. */
type Work = { model: string; prompt: string; args?: readonly string[] };

export type Done = {
  /** What it printed. */
  said: string;
  /** What the command has written. */
  proof: string;
  exchanges: readonly Exchange[];
  /** Its requests to the gateway that were rejected. */
  rejected: readonly string[];
  rows: readonly LedgerRequest[];
};

/** A folder for the work of an agent on a model. */
export function projectOf({ work }: TollgateServer, agent: ClientAgent, model: string): string {
  const project = join(work, `${agent.id}-${model}`, "project");
  mkdirSync(project, { recursive: true });
  return project;
}

/** Sets an agent up with `tollgate configure`, and has it work in its folder until it is done. */
export async function workWithAgent(
  server: TollgateServer,
  agent: ClientAgent,
  { model, prompt, args = [] }: Work,
): Promise<Done> {
  const project = projectOf(server, agent, model);
  const { key, id } = await server.createKey(`${agent.id}, ${model}`);
  const proxy = await startRecordingProxy(server.url);
  try {
    const home = join(project, "..");
    const env = { HOME: home, PATH: process.env.PATH ?? "", TERM: "dumb", NO_COLOR: "1", ...agent.env };
    const configure = [TOLLGATE, "configure", agent.id, "--url", proxy.url, "--key", key, "--model", model];
    await runProgram(process.execPath, [...configure, "--write"], { env, cwd: project });
    const options = { env, cwd: project, input: prompt };
    const said = await runProgram(programOf(agent), [...agent.args, ...args], options);
    const rejected = proxy.exchanges
      .filter(({ path, status }) => path.includes("/v1/") && status >= 400)
      .map(({ path, status, answer }) => `${path}: ${status} ${answer.slice(0, 300)}`);
    const rows = await server.rowsOf(id);
    return { said, proof: proofIn(project), exchanges: proxy.exchanges, rejected, rows };
  } finally {
    await proxy.stop();
  }
}

function proofIn(project: string): string {
  try {
    return readFileSync(join(project, "proof.txt"), "utf8").trim();
  } catch {
    return "the tool wrote no file";
  }
}
