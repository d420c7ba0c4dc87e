import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { type FaultyProxy, startFaultyProxy } from "#lib/testing/faulty-proxy";
import type { BackendsOptions } from "./backends";
import { startTestGateway, type TestGateway } from "./test-gateway";

/** Starts a gateway with a journal, whose database is behind a faulty proxy, for the tests of a file. */
export async function gatewayBehindProxy(
  options: Pick<BackendsOptions, "models" | "rules">,
): Promise<{ gate: TestGateway; proxy: FaultyProxy; journalDirectory: string }> {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-proxy-"));
  const journalDirectory = join(folder, "journal");
  const database = await createTestDatabase();
  const proxy = await startFaultyProxy(database.url);
  const gate = await startTestGateway({
    ...options,
    database,
    databaseUrl: () => proxy.url,
    journalDirectory,
  });
  afterAll(async () => {
    await proxy.restore();
    await gate.close();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { gate, proxy, journalDirectory };
}
