import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { processState } from "#lib/db/embedded/processes";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";

export const TEMPLATE = "tollgate_template";
const PREFIX = "tollgate-test-";

declare module "vitest" {
  interface ProvidedContext {
    /** The maintenance database of the project's PostgreSQL, from which `createTestDatabase` clones the template. */
    postgresUrl: string;
  }
}

/** Vitest's global set-up: starts a PostgreSQL for the project, without durability, with a migrated template in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await startEmbeddedPostgres({
    directory: join(directory, "postgres"),
    durable: false,
    settings: { max_connections: "300", autovacuum: "off" },
  });
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  await admin.unsafe(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const template = new URL(server.url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href);
  project.provide("postgresUrl", server.url);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

/** Removes what killed runs left behind. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length).split("-")[0]);
    if (processState(pid) === "running") continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
