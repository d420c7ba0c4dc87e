import { afterAll, expect, test } from "vitest";
import { startBackends } from "#lib/gateway/testing/backends";
import { bundleGateway, type GatewayProcess } from "#lib/gateway/testing/test-process";
import { postChat } from "#lib/testing/post-chat";

const REPLICAS = 3;
const program = await bundleGateway();
const { database, encryptionKey, seeded, close } = await startBackends({ models: [{ name: "instant" }] });
afterAll(close);

async function status({ url }: GatewayProcess): Promise<number> {
  const response = await postChat(url, seeded.apiKey, {
    model: "instant",
    messages: [{ role: "user", content: "Hello!" }],
  });
  await response.arrayBuffer();
  return response.status;
}

test("divides a limit among replicas that have just started, without Redis", async () => {
  const rates = { windows: [{ requests: 30, seconds: 86_400 }] };
  await database.sql`
    UPDATE organizations SET rate_limits = ${database.sql.json(rates)} WHERE id = ${seeded.ids.organization}`;
  const replicas = await program.startReplicas(REPLICAS, { database, encryptionKey });
  // Before any of them has served a request.
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
