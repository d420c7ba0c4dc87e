import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const VERSION = "1.15.2";
/**
 * The newest version with which Portkey 1.15.2 can stream: its declared range allows versions with which every stream is a
 * 500 (github.com/Portkey-AI/gateway/issues/1389). Whole answers are equally fast with both.
 */
const NODE_SERVER_VERSION = "1.14.1";
const INSTALL_TIMEOUT_MS = 180_000;

/**
 * Installs Portkey once into the system's temporary folder and returns the path of its server. Like `npx`, but without
 * its extra process, and it works without a network afterwards.
 * @throws with npm's error if the installation fails
 */
export function installPortkey(): string {
  const folder = join(
    tmpdir(),
    "tollgate-bench-peers",
    `portkey-${VERSION}-node-server-${NODE_SERVER_VERSION}`,
  );
  const script = "node_modules/@portkey-ai/gateway/build/start-server.js";
  if (existsSync(join(folder, script))) return join(folder, script);
  mkdirSync(dirname(folder), { recursive: true });
  const side = mkdtempSync(`${folder}-`);
  try {
    const dependencies = { "@portkey-ai/gateway": VERSION };
    const overrides = { "@hono/node-server": NODE_SERVER_VERSION };
    writeFileSync(join(side, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
    const parameters = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    const npm = spawnSync("npm", parameters, { cwd: side, encoding: "utf8", timeout: INSTALL_TIMEOUT_MS });
    if (npm.status !== 0) throw new Error(npmError(npm.stderr ?? "", npm.error));
    renameSync(side, folder);
  } finally {
    rmSync(side, { recursive: true, force: true });
  }
  return join(folder, script);
}

function npmError(stderr: string, error: Error | undefined): string {
  const line = stderr.split("\n").find((text) => text.startsWith("npm error"));
  return `npm could not install it: ${line ?? error?.message ?? "no reason given"}`;
}
