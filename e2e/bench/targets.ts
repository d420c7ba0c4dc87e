import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../child-server";
import type { InstantUpstream } from "./instant-upstream";
import { installPortkey } from "./portkey";
import type { TollgateSeed } from "./seed-tollgate";

export const TARGETS = [
  "direct",
  "bare",
  "server",
  "server-budgets",
  "next",
  "next-budgets",
  "next-empty",
  "portkey",
] as const;
export type TargetId = (typeof TARGETS)[number];

export const LABELS: Record<TargetId, string> = {
  direct: "no gateway",
  bare: "bare Node proxy",
  server: "Tollgate, `server.ts`",
  "server-budgets": "Tollgate, `server.ts`, hard budgets",
  next: "Tollgate, `next start`",
  "next-budgets": "Tollgate, `next start`, hard budgets",
  "next-empty": "Next alone (`GET /livez` of `next start`)",
  portkey: "Portkey 1.15.2",
};

/** A server that gets the same requests as the others, except `next-empty` (see `isChat`). */
export type Target = {
  id: TargetId;
  port: number;
  headers: Record<string, string>;
  /** Undefined for the upstream, which is no gateway. */
  pid: number | undefined;
  stop(): Promise<void>;
};

/** What all targets need to start. */
export type Surroundings = {
  upstream: InstantUpstream;
  tollgate: TollgateSeed;
  /** For logs and data; deleted afterwards. */
  folder: string;
  /** Where Tollgate's processes write CPU profiles when they exit. */
  cpuProfileFolder?: string;
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Whether a target gets chat requests. `next-empty` measures a route handler that does nothing. */
export const isChat = (id: TargetId) => id !== "next-empty";
/** Whether a target keeps a ledger: Tollgate's do. */
export const hasLedger = (id: TargetId) => isChat(id) && id !== "direct" && id !== "bare" && id !== "portkey";
/** Whether a target's key, user and organization have hard budgets. */
export const isBudgeted = (id: TargetId) => id === "server-budgets" || id === "next-budgets";
/** The target whose process this one uses: another one's or its own. */
export const processOf = (id: TargetId): TargetId =>
  id === "server-budgets" ? "server" : id === "next-budgets" || id === "next-empty" ? "next" : id;
export const isTarget = (name: string): name is TargetId => TARGETS.some((id) => id === name);

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Starts a target. @throws with the reason if it fails to start */
export async function startTarget(id: TargetId, surroundings: Surroundings): Promise<Target> {
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
      ? [join(ROOT, "dist/server.js")]
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
