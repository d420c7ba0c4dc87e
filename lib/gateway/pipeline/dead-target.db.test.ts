import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { startBackends } from "#lib/gateway/testing/backends";
import { addSecondTargets } from "#lib/gateway/testing/test-gateway";
import { bundleGateway, type GatewayProcess } from "#lib/gateway/testing/test-process";
import { firstRow } from "#lib/testing/first-row";
import { postChat } from "#lib/testing/post-chat";

const REPLICAS = 3;
/** As many failures in a row open a breaker. */
const FAILURES = 5;
/** Five seconds, counted in looks, so that a busy machine has as much longer as it is slower. */
const LOOK_EVERY_MS = 100;
const MOST_LOOKS = 5_000 / LOOK_EVERY_MS;

const program = await bundleGateway();
const { database, upstream, encryptionKey, seeded, close } = await startBackends({
  models: [{ name: "dead+", upstreamModel: "status-500" }],
});
afterAll(close);
await addSecondTargets(database);
// Without probes: they are another test's.
await database.sql`
  CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN NEW.probe_after := now() + interval ''1 hour''; RETURN NEW; END'`;
await database.sql`CREATE TRIGGER later BEFORE INSERT OR UPDATE ON target_states FOR EACH ROW EXECUTE FUNCTION later()`;

const dead = { providerId: seeded.ids.provider, credentialId: "", upstreamModel: "status-500" };
const asked = () => upstream.requests.map(({ body }) => Object(body).model);

async function ask({ url }: GatewayProcess) {
  const messages = [{ role: "user", content: "Hello!" }];
  const response = await postChat(url, seeded.apiKey, { model: "dead+", messages });
  await response.text();
  const id = response.headers.get("x-request-id");
  const row = firstRow(await database.sql`SELECT attempts FROM ledger WHERE id = ${id}`);
  return { status: response.status, attempts: row.attempts };
}

test("three replicas agree on a dead target within five seconds, those without a request included", async () => {
  const replicas = await program.startReplicas(REPLICAS, { database, encryptionKey });
  const states = () => Promise.all(replicas.map((replica) => replica.breakerOf(dead)));
  expect(await states()).toEqual(["closed", "closed", "closed"]);
  const [busy, ...idle] = replicas;
  if (busy === undefined) throw new Error("no replica");
  for (let request = 0; request < FAILURES; request++) expect((await ask(busy)).status).toBe(200);

  let looks = 0;
  while ((await states()).some((state) => state === "closed") && looks < MOST_LOOKS) {
    await sleep(LOOK_EVERY_MS);
    looks += 1;
  }
  expect(looks).toBeLessThan(MOST_LOOKS);

  // The first request of each other replica passes it over.
  upstream.requests.length = 0;
  for (const replica of idle)
    expect(await ask(replica)).toMatchObject({
      status: 200,
      attempts: [{ upstream_model: "status-500", outcome: "skipped" }, { outcome: "served" }],
    });
  expect(asked()).toEqual(["instant", "instant"]);
});
