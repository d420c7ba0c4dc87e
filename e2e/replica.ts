import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "#lib/testing/listening";
import { type ChildServer, startChildServer } from "./child-server";
import type { Mount, Served } from "./mounts";
import { SERVER_ARGS } from "./server-args";

export type Replica = Served &
  Pick<ChildServer, "pid" | "ended"> & {
    /** What it has printed. */
    log(): Promise<string>;
    /** Stops it and removes its data. */
    stop(): Promise<void>;
  };

const PROGRAMS: Record<Mount, (port: number) => string[]> = {
  server: () => [...SERVER_ARGS],
  portal: () => [...SERVER_ARGS],
  next: (port) => ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", String(port)],
};

/**
 * Starts the build of `npm run build` on an existing database.
 * @param settings more environment variables, given the server's URL
 */
export async function startReplica(
  mount: Mount,
  { databaseUrl, encryptionKey }: Omit<Served, "url">,
  settings: (url: string) => Promise<Record<string, string>> | Record<string, string> = () => ({}),
): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), `tollgate-e2e-${mount}-`));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, "server.log");
  const server = await startChildServer({
    args: PROGRAMS[mount](port),
    port,
    readyPath: "/readyz",
    logFile,
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(folder, "data"),
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEY: encryptionKey,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      NEXTAUTH_URL: url,
      ...(await settings(url)),
    },
  });
  return {
    url,
    databaseUrl,
    encryptionKey,
    pid: server.pid,
    ended: server.ended,
    log: () => readFile(logFile, "utf8"),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
