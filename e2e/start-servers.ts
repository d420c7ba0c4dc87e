import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import { freePort, startChildServer } from "./bench/child-server";
import { ADMIN_API_KEY, ADMIN_EMAIL, ADMIN_PASSWORD, CRON_SECRET, type Mount, publishMount } from "./mounts";

export const PROGRAMS: Record<Mount, (port: number) => string[]> = {
  server: () => ["dist/server.js"],
  portal: () => ["dist/server.js"],
  next: (port) => ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", String(port)],
};

/** Starts one PostgreSQL and, each on a database of its own, the mounts of what `npm run build` made. */
export default async function startServers(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2e-"));
  const postgres = await startEmbeddedPostgres({ directory: join(folder, "postgres"), durable: false });
  const stops: (() => Promise<void>)[] = [];
  const mounts: Mount[] = ["server", "next", "portal"];
  for (const mount of mounts) {
    const databaseUrl = await createDatabase(postgres.url, mount);
    await migrate(databaseUrl);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const encryptionKey = randomBytes(32).toString("base64");
    const server = await startChildServer({
      args: PROGRAMS[mount](port),
      port,
      readyPath: "/readyz",
      logFile: join(folder, `${mount}.log`),
      env: {
        PORT: String(port),
        HOST: "127.0.0.1",
        DATA_DIR: join(folder, `${mount}-data`),
        DATABASE_URL: databaseUrl,
        ENCRYPTION_KEY: encryptionKey,
        NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
        NEXTAUTH_URL: url,
        ADMIN_EMAIL,
        ADMIN_PASSWORD,
        ADMIN_API_KEY,
        CRON_SECRET,
      },
    });
    stops.push(server.stop);
    publishMount(mount, { url, databaseUrl, encryptionKey });
  }
  return async () => {
    for (const stop of stops) await stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function createDatabase(maintenanceUrl: string, name: string): Promise<string> {
  const { default: connect } = await import("postgres");
  const sql = connect(maintenanceUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE DATABASE e2e_${name}`);
  await sql.end();
  const url = new URL(maintenanceUrl);
  url.pathname = `/e2e_${name}`;
  return url.href;
}
