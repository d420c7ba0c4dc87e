import { beforeEach, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";
import { DIALECTS } from "#lib/dialects/registry";
import { PROBES } from "./probes";

const { server, run, createOrganization } = await startTestServer();
beforeEach(() => server.clear());
const namesOf = (data: { name: string; state: string }[], wanted: string) =>
  data.filter(({ state }) => state === wanted).map(({ name }) => name);

async function modelAndKey(): Promise<string> {
  await run(["provider", "create", "pretend", "--type", "simulated"]);
  await run(["model", "create", "m", "--provider", "pretend"]);
  const { id } = await createOrganization();
  return (await run(["key", "create", "ci", "--org", id])).out.trim();
}

test("there is a request for each endpoint of the data plane", () => {
  const endpoints = DIALECTS.flatMap(({ endpoint, counting }) => [
    endpoint,
    ...(counting ? [counting.endpoint] : []),
  ]);
  const posted = PROBES.filter(({ method }) => method === "POST").map(({ path }) =>
    path.slice("/v1/".length),
  );
  expect(new Set(posted)).toEqual(new Set(endpoints));
});

describe("smoke", () => {
  test("sends each once, and deletes what it made", async () => {
    const key = await modelAndKey();
    const before = ["organizations", "users", "api-keys"].map((name) => server.rows(name).length);
    const { out } = await run(["smoke", "--json", "--key", key]);
    const { data } = JSON.parse(out);
    expect(namesOf(data, "ok")).toEqual(
      expect.arrayContaining(["POST organizations", "POST api-keys/{id}/rotate", "GET /v1/models"]),
    );
    expect(namesOf(data, "ok")).toContain("POST /v1/chat/completions (stream)");
    for (const { path } of PROBES)
      expect(server.log).toContainEqual(expect.stringContaining(path.replace("{model}", "m")));
    expect(["organizations", "users", "api-keys"].map((name) => server.rows(name).length)).toEqual(before);
  });

  test("makes a key of its own where none is given", async () => {
    await modelAndKey();
    const { data } = JSON.parse((await run(["smoke", "--json"])).out);
    expect(namesOf(data, "ok")).toContain("POST /v1/chat/completions");
  });

  test("needs no admin token", async () => {
    const key = await modelAndKey();
    server.log.length = 0;
    await run(["smoke", "--json", "--key", key], { token: undefined });
    expect(server.log.every((line) => / \/v1\//.test(line))).toBe(true);
  });

  test("deletes what it made even if a request fails, and says which", async () => {
    const key = await modelAndKey();
    const before = server.rows("organizations").length;
    const { code, err } = await run(["smoke", "--key", `${key}x`]);
    expect([code, server.rows("organizations").length]).toEqual([1, before]);
    expect(err).toContain("1 request failed.");
  });

  test("skips an endpoint that does not serve the model", async () => {
    const key = await modelAndKey();
    const models = { status: 200, body: { data: [{ id: "m" }] } };
    const notServed = errorReply(404, "model_not_found", "m is served on chat/completions.");
    server.next.push(
      models,
      { status: 200, body: { budgets: [] } },
      { status: 200, body: { id: "m" } },
      notServed,
    );
    const { data } = JSON.parse((await run(["smoke", "--json", "--key", key], { token: undefined })).out);
    expect(namesOf(data, "skipped")).toEqual(["POST /v1/chat/completions"]);
  });
});
