import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inheritedEnvironment } from "#lib/config/child-environment";
import { CLIENT_AGENTS, type ClientAgent } from "./agents";
import { runProgram } from "./run-program";

const INSTALLED = fileURLToPath(new URL("../../node_modules/.cache/tollgate-clients", import.meta.url));
const INSTALL_WITHIN_MS = 1_800_000;

/** Where an agent's program is. */
export const programOf = ({ program }: ClientAgent): string => join(INSTALLED, "node_modules/.bin", program);

/** Installs the agents that are missing. */
export default async function installAgents(): Promise<void> {
  mkdirSync(INSTALLED, { recursive: true });
  if (CLIENT_AGENTS.every((agent) => installedVersion(agent) === agent.version)) return;
  const packages = CLIENT_AGENTS.map((agent) => `${agent.package}@${agent.version}`);
  process.stdout.write(`Installing ${packages.join(", ")}…\n`);
  await runProgram(
    "npm",
    ["install", "--prefix", INSTALLED, "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    // npm needs its own settings, a proxy's and a company's certificates.
    { env: inheritedEnvironment({ NODE_ENV: "production" }), cwd: INSTALLED, withinMs: INSTALL_WITHIN_MS },
  );
}

function installedVersion({ package: name }: ClientAgent): string | null {
  try {
    return JSON.parse(readFileSync(join(INSTALLED, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return null;
  }
}
