import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../child-server";
import { SERVER_ARGS } from "../server-args";
import type { UndoSteps } from "../undo-steps";
import type { InstantUpstream } from "./instant-upstream";
import { installPortkey } from "./portkey";
import type { TollgateSeed } from "./seed-tollgate";
import { isBudgeted, LABELS, processOf, type Target, type TargetId } from "./targets";

/** What all targets need to start. */
type Surroundings = {
  upstream: InstantUpstream;
  tollgate: TollgateSeed;
  /** For logs and data; deleted afterwards. */
  folder: string;
  /** Where Tollgate's processes write CPU profiles when they exit. */
  cpuProfileFolder?: string;
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Starts the targets in order. A budgeted target uses the process of the other one with a different key, so that only the
 * budgets differ; the empty one shares a process, too.
 * @param run `report` is called with each step; `undo` collects the steps that stop the targets
 * @returns the started targets, and a line for each that failed to start
 */
export async function startTargets(
  ids: readonly TargetId[],
  surroundings: Surroundings,
  run: { report: (step: string) => void; undo: UndoSteps },
): Promise<{ targets: Target[]; absent: string[] }> {
  const targets: Target[] = [];
  const absent: string[] = [];
  for (const id of ids) {
    const shared = processOf(id);
    if (shared !== id) {
      const running = targets.find((target) => target.id === shared);
      const headers = isBudgeted(id) ? bearer(surroundings.tollgate.budgetedApiKey) : {};
      if (running) targets.push({ ...running, id, headers });
      continue;
    }
    run.report(`starting ${LABELS[id]}`);
    try {
      const target = await startTarget(id, surroundings);
      targets.push(target);
      run.undo.push(target.stop);
    } catch (error) {
      absent.push(`${LABELS[id]} was not measured: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { targets, absent };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Starts a target. @throws with the reason if it fails to start */
async function startTarget(id: TargetId, surroundings: Surroundings): Promise<Target> {
  const { upstream, tollgate, folder } = surroundings;
  const direct = bearer("the-provider-key");
  if (id === "direct") {
    return { id, port: upstream.port, headers: direct, pid: undefined, stop: async () => {} };
  }
  const port = await freePort();
  const logFile = join(folder, `${id}.log`);
  const start = async (args: string[], readyPath: string, env: Record<string, string> = {}) =>
    startChildServer({ args, env, port, readyPath, logFile });

  if (id === "bare") {
    const script = fileURLToPath(new URL("./bare-proxy.ts", import.meta.url));
    const server = await start(["--import", "tsx", script, String(port), String(upstream.port)], "/");
    return { id, port, headers: direct, ...server };
  }
  if (id === "portkey") {
    const server = await start([installPortkey(), `--port=${port}`, "--headless"], "/");
    const headers = {
      ...direct,
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": upstream.url,
    };
    return { id, port, headers, ...server };
  }
  const built = join(ROOT, id === "server" ? "dist/server.js" : ".next/BUILD_ID");
  if (!existsSync(built)) throw new Error(`${built} is missing: run npm run build.`);
  const program =
    id === "server"
      ? SERVER_ARGS
      : [join(ROOT, "node_modules/next/dist/bin/next"), "start", ROOT, "-H", "127.0.0.1", "-p", String(port)];
  const profile = surroundings.cpuProfileFolder;
  const server = await start(
    [...(profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : []), ...program],
    "/readyz",
    {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(folder, `${id}-data`),
      DATABASE_URL: tollgate.databaseUrl,
      ENCRYPTION_KEY: tollgate.encryptionKey,
      NEXTAUTH_SECRET: tollgate.encryptionKey,
      NEXTAUTH_URL: `http://127.0.0.1:${port}`,
    },
  );
  return { id, port, headers: bearer(tollgate.apiKey), ...server };
}
