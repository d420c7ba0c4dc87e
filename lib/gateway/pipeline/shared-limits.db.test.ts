import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { bundleGateway, type GatewayProcess, type GatewayProgram } from "#lib/gateway/testing/test-process";
import { postChat } from "#lib/testing/post-chat";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import { type FakeUpstream, startFakeUpstream } from "#lib/testing/upstream/fake-upstream";

const REPLICAS = 3;
const ENCRYPTION_KEY = randomBytes(32).toString("base64");
let database: TestDatabase;
let upstream: FakeUpstream;
let program: GatewayProgram;
let seeded: Seeded;
let folder: string;

beforeAll(async () => {
  [database, upstream, program] = await Promise.all([
    createTestDatabase(),
    startFakeUpstream({}),
    bundleGateway(),
  ]);
  folder = await mkdtemp(join(tmpdir(), "tollgate-shares-"));
  seeded = await seedGateway(database.url, ENCRYPTION_KEY, {
    upstreamUrl: upstream.url,
    models: [{ name: "instant" }],
  });
});
afterAll(async () => {
  await program.dispose();
  await upstream.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function status({ url }: GatewayProcess): Promise<number> {
  const response = await postChat(url, seeded.apiKey, {
    model: "instant",
    messages: [{ role: "user", content: "Hello!" }],
  });
  await response.arrayBuffer();
  return response.status;
}

test("without Redis replicas that have only just started share a limit out among them", async () => {
  const rates = { windows: [{ requests: 30, seconds: 86_400 }] };
  await database.sql`
    UPDATE organizations SET rate_limits = ${database.sql.json(rates)} WHERE id = ${seeded.ids.organization}`;
  const replicas = await Promise.all(
    Array.from({ length: REPLICAS }, (_, number) =>
      program.start({ DATABASE_URL: database.url, ENCRYPTION_KEY, DATA_DIR: join(folder, String(number)) }),
    ),
  );
  // Long before any of them has served anybody.
  const alive = async () =>
    (await database.sql`SELECT count(*)::int AS alive FROM instances WHERE alive_until > now()`)[0]?.alive;
  await expect.poll(alive, { timeout: 5_000 }).toBe(REPLICAS);
  const statuses = await Promise.all(
    Array.from({ length: 120 }, (_, times) => {
      const replica = replicas[times % REPLICAS];
      if (!replica) throw new Error("no replica");
      return status(replica);
    }),
  );
  expect(statuses.filter((code) => code === 200)).toHaveLength(30);
  expect(statuses.filter((code) => code === 429)).toHaveLength(90);
  await Promise.all(replicas.map(({ kill }) => kill("SIGTERM")));
  expect(await alive()).toBe(0);
});
