import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";

/** Creates a database with all migrations applied and opens it. */
export type CreateScratchDatabase = () => Promise<postgres.Sql>;

/** Runs a development script with a temporary PostgreSQL. */
export async function withScratchDatabases(
  work: (create: CreateScratchDatabase) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "tollgate-scratch-"));
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), durable: false });
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  const clients: postgres.Sql[] = [];
  try {
    await work(async () => {
      const name = `scratch_${clients.length}`;
      await admin.unsafe(`CREATE DATABASE ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      await migrate(url.href);
      const client = postgres(url.href, { max: 4, onnotice: () => {} });
      clients.push(client);
      return client;
    });
  } finally {
    await Promise.all([admin, ...clients].map((client) => client.end({ timeout: 1 })));
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
