import { beforeEach, describe, expect, test } from "vitest";
import { createModel } from "#lib/services/models/create-model";
import { createProvider } from "#lib/services/providers/create-provider";
import { worldOfFile } from "#lib/services/testing/world";
import { serverOfFile } from "#lib/testing/server-of-file";
import { CHECK_EVERY_MS, checkTargetsInTurn, checkTargetsNow } from "./check-targets";
import { jobs } from "./jobs";

const world = await worldOfFile();
const { db } = world;
const admin = world.as(world.admin);

/** What the provider is asked. */
const asked: string[] = [];
const origin = await serverOfFile(({ method, url }, response) => {
  asked.push(`${method} ${url}`);
  response.writeHead(200, { "content-type": "application/json" }).end('{"data":[]}');
});
const { id } = await createProvider(admin, {
  name: "p",
  type: "openai-compatible",
  base_url: `${origin}/v1`,
});
const price = { input_per_mtok: "1", output_per_mtok: "1" };
await createModel(admin, { name: "m", price, targets: [{ provider_id: id, upstream_model: "up" }] });

const REPLICAS = [1, 2, 3];
const checkOnAll = async () => {
  const checked = await Promise.all(REPLICAS.map(() => checkTargetsInTurn(db, admin.config)));
  return checked.filter((each) => each !== null);
};
const passMs = (ms: number) =>
  db.$client`UPDATE job_runs SET ended_at = ended_at - make_interval(secs => ${ms / 1_000})`;

beforeEach(async () => {
  asked.length = 0;
  await db.$client`DELETE FROM job_runs`;
});

describe("the check of targets", () => {
  test("is done by one of three replicas, with one request that costs nothing", async () => {
    expect(await checkOnAll()).toEqual([{ providers: 1, down: 0, up: 0 }]);
    expect(asked).toEqual(["GET /v1/models"]);
  });

  test("is done once in half a minute, however many replicas take turns", async () => {
    await checkOnAll();
    for (const _third of REPLICAS.slice(1)) {
      await passMs(CHECK_EVERY_MS / 3);
      expect(await checkOnAll()).toEqual([]);
    }
    await passMs(CHECK_EVERY_MS / 3);
    expect(await checkOnAll()).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  test("is a job of every process, and done whenever cron calls it", async () => {
    expect(jobs).toContainEqual(expect.objectContaining({ name: "check-targets", everyMs: CHECK_EVERY_MS }));
    for (const _again of REPLICAS)
      expect(await checkTargetsNow(db, admin.config)).toEqual({ providers: 1, down: 0, up: 0 });
    expect(asked).toHaveLength(REPLICAS.length);
  });
});
