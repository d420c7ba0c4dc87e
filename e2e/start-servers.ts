import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import connect from "postgres";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import {
  ADMIN_API_KEY,
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  CRON_SECRET,
  METRICS_TOKEN,
  type Mount,
  publishMount,
  type Served,
  WORKERS,
} from "./mounts";
import { startReplica } from "./replica";

const MOUNTS: readonly Mount[] = ["server", "next", "portal"];

/** Playwright's global set-up: starts one PostgreSQL, and for each worker every mount, on a database of its own. */
export default async function startServers(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2e-postgres-"));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    durable: false,
    settings: { max_connections: "300" },
  });
  const stops: (() => Promise<void>)[] = [];
  await migrate(await createDatabase(postgres.url, "template", "template1"));
  const startServer = async (mount: Mount, index: number): Promise<Served> => {
    const databaseUrl = await createDatabase(postgres.url, `${mount}_${index}`, "e2e_template");
    const encryptionKey = randomBytes(32).toString("base64");
    // Receivers of webhooks are on this machine.
    const ALLOW_PRIVATE_WEBHOOKS = "true";
    const tokens = { ADMIN_API_KEY, CRON_SECRET, METRICS_TOKEN };
    const secrets = { ADMIN_EMAIL, ADMIN_PASSWORD, ...tokens, ALLOW_PRIVATE_WEBHOOKS };
    const { url, stop } = await startReplica(mount, { databaseUrl, encryptionKey }, () => secrets);
    stops.push(stop);
    return { url, databaseUrl, encryptionKey };
  };
  for (const mount of MOUNTS) {
    const servers = Array.from({ length: WORKERS }, (_, index) => startServer(mount, index));
    publishMount(mount, await Promise.all(servers));
  }
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function createDatabase(maintenanceUrl: string, name: string, template: string): Promise<string> {
  const sql = connect(maintenanceUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE DATABASE e2e_${name} TEMPLATE ${template}`);
  await sql.end();
  const url = new URL(maintenanceUrl);
  url.pathname = `/e2e_${name}`;
  return url.href;
}
