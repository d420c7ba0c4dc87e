import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startChildServer } from "../bench/child-server";
import type { Gate } from "../fixtures";

export type PortalServer = { url: string; pid: number; stop(): Promise<void> };

/**
 * Starts one more server on the database of the portal's specs: a replica with settings of its own.
 * @param settings given the address at which it will be
 */
export async function startPortalServer(
  gate: Gate,
  settings: (url: string) => Promise<Record<string, string>> | Record<string, string>,
): Promise<PortalServer> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2e-portal-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startChildServer({
    args: ["dist/server.js"],
    port,
    readyPath: "/readyz",
    logFile: join(folder, "portal.log"),
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(folder, "data"),
      DATABASE_URL: gate.databaseUrl,
      ENCRYPTION_KEY: gate.encryptionKey,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      NEXTAUTH_URL: url,
      ...(await settings(url)),
    },
  });
  return {
    url,
    pid: server.pid,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
