import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run, createOrganization } = await startTestServer();
beforeEach(() => server.clear());
const created = (collection: string) => server.rows(collection).at(0);

describe("the words of other gateways", () => {
  test("org create takes a budget as its second argument", async () => {
    expect((await run(["org", "create", "My Company", "1000"])).code).toBe(0);
    expect(created("organizations")).toMatchObject({
      name: "My Company",
      budget: { limit_usd: "1000", period: "month" },
    });
    expect((await run(["org", "create", "Other", "much"])).err).toContain("Must be US dollars");
  });

  test.each([
    [["org", "create", "Twice", "1000", "--budget", "5"], 'Both "1000" and --budget 5'],
    [["org", "create", "Twice", "--name", "Other"], 'Both "Twice" and --name Other'],
    [["app", "create", "twice", "--name", "other", "--org", "Acme"], 'Both "twice" and --name other'],
    [
      ["org", "create", "Twice", "--budget", "5", "--data", '{"budget":null}'],
      '"budget" was given in --data',
    ],
    [["org", "create", "Twice", "--data", '{"name":"Other"}'], '"name" was given in --data'],
    [["org", "update", "Acme", "--name", "x", "--data", '{"name":"y"}'], '"name" was given in --data'],
  ])("%j gives something twice, and is rejected", async (line, said) => {
    await createOrganization();
    const before = server.log.filter((sent) => !sent.startsWith("GET")).length;
    expect(await run(line)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
    expect(server.log.filter((sent) => !sent.startsWith("GET"))).toHaveLength(before);
  });

  test("apikey is key, organization is org, and reset-quota is reset-usage", async () => {
    const { id } = await createOrganization();
    expect((await run(["apikey", "create", "ci", "--org", id])).code).toBe(0);
    expect((await run(["organization", "get", id])).out).toContain("Acme");
    await run(["user", "create", "ada@acme.example", "--org", id]);
    expect((await run(["user", "reset-quota", "ada@acme.example"])).code).toBe(0);
    expect(server.log.at(-1)).toMatch(/^POST .*\/reset-usage$/);
  });

  test("chat takes the key as --api-key", async () => {
    const { id } = await createOrganization();
    const key = (await run(["key", "create", "ci", "--org", id])).out.trim();
    const { out } = await run(["chat", "--model", "m", "--api-key", key, "Hello"]);
    expect(out).toContain("You said");
  });
});

describe("a user whose external id is in several organizations", () => {
  test.each([
    ["get"],
    ["usage"],
    ["update", "--name", "Ada"],
    ["credit", "5"],
    ["invite"],
    ["reset-usage"],
    ["sync-expiry"],
    ["sessions"],
    ["delete", "--yes"],
  ])("is named with --org for %s", async (verb, ...rest) => {
    for (const name of ["Acme", "Globex"]) {
      const { id } = await createOrganization(name);
      await run(["user", "create", "--external-id", "emp-17", "--org", id, "--data", `{"email":null}`]);
    }
    const [second, first] = server.rows("users");
    const lost = await run(["user", verb, "emp-17", ...rest]);
    expect(lost).toMatchObject({ code: 2, err: expect.stringContaining("or pass --org ORG") });
    for (const row of [first, second])
      expect(lost.err).toContain(`${row?.id}  of the organization ${row?.organization_id}`);
    await run(["user", verb, "emp-17", ...rest, "--org", "Globex"]);
    const [path, body] = [
      server.log.at(-1),
      JSON.stringify(server.bodies.get("POST /api/admin/v1/adjustments")),
    ];
    expect(verb === "credit" ? body : path).toContain(second?.id);
  });
});

describe("keys in one step", () => {
  test("key create --sha256 takes in a key by its digest, of which nothing can be saved", async () => {
    const { id } = await createOrganization();
    const digest = "a".repeat(64);
    const { code, out, err } = await run(["key", "create", "moved", "--org", id, "--sha256", digest]);
    expect([code, out, err]).toEqual([0, "", expect.stringContaining("Clients may use the key")]);
    expect(created("api-keys")).toMatchObject({ name: "moved", key_sha256: digest });
    const saved = await run(["key", "create", "moved", "--org", id, "--sha256", digest, "--save"]);
    expect([saved.code, saved.err]).toEqual([2, expect.stringContaining("--save needs the key itself")]);
  });

  test("user create --create-key prints only the first key to stdout", async () => {
    const organization = await createOrganization();
    server.next.push(
      { status: 200, body: organization },
      { status: 201, body: { id: "u1", email: "ada@acme.example", key: "tg_live_first" } },
    );
    const asked = ["user", "create", "ada@acme.example", "--org", organization.id, "--create-key"];
    const { code, out, err } = await run(asked);
    expect([code, out, err]).toEqual([0, "tg_live_first\n", expect.stringContaining("ada@acme.example")]);
    expect(server.bodies.get("POST /api/admin/v1/users")).toMatchObject({ create_key: true });
  });
});

describe("admin tokens", () => {
  test("are deleted by name, or by id", async () => {
    for (const name of ["ci", "cron"]) await run(["token", "create", name, "--role", "viewer"]);
    const { code, err } = await run(["token", "delete", "ci", "--yes"]);
    expect([code, err]).toEqual([0, expect.stringContaining('Deleted the admin token "ci".')]);
    const [left, ...others] = server.rows("admin-tokens");
    expect([left?.name, others]).toEqual(["cron", []]);
    expect(await run(["token", "delete", "nothing", "--yes"])).toMatchObject({
      code: 4,
      err: expect.stringContaining('Not found: admin token "nothing".'),
    });
    expect((await run(["token", "delete", `${left?.id}`, "--yes"])).code).toBe(0);
    expect(server.rows("admin-tokens")).toEqual([]);
  });
});

describe("what has no option of its own", () => {
  test("is given to create and update as JSON", async () => {
    const data = JSON.stringify({ metadata: { team: "search" } });
    await run(["org", "create", "Acme", "--budget", "5", "--data", data]);
    expect(created("organizations")).toMatchObject({
      budget: { limit_usd: "5" },
      metadata: { team: "search" },
    });
    await run(["org", "update", "Acme", "--data", '{"on_hang_up":"drain"}']);
    expect(created("organizations")).toMatchObject({ on_hang_up: "drain" });
    expect((await run(["org", "update", "Acme", "--data", "[1]"])).err).toContain("Must be a JSON object");
  });

  test("app create and update take windows and JSON, and an update keeps other rate limits", async () => {
    const { id } = await createOrganization();
    await run([
      "app",
      "create",
      "crm",
      "--org",
      id,
      "--window",
      "100/1h",
      "--data",
      '{"metadata":{"a":"b"}}',
    ]);
    const windows = [{ requests: 100, seconds: 3600 }];
    expect(created("apps")).toMatchObject({ name: "crm", rate_limits: { windows }, metadata: { a: "b" } });
    const updated = async (...options: string[]) => {
      expect(await run(["app", "update", "crm", ...options])).toMatchObject({ code: 0 });
      return created("apps")?.rate_limits;
    };
    expect(await updated("--rate-limits-requests-per-minute", "5")).toEqual({
      windows,
      requests_per_minute: 5,
    });
    expect(await updated("--window", "9tokens/1m", "--data", '{"disabled":true}')).toEqual({
      requests_per_minute: 5,
      windows: [{ tokens: 9, seconds: 60 }],
    });
    expect(created("apps")).toMatchObject({ disabled: true });
    expect(await updated("--no-windows")).toEqual({ requests_per_minute: 5 });
    expect(await updated("--budget", '{"limit_usd":"5"}')).toEqual({ requests_per_minute: 5 });
    expect((await run(["app", "update", "crm", "--window", "400d/1w"])).err).toContain(
      "a time of at most 31d in s, m, h or d",
    );
  });

  test("prints no key where only its digest was given, and saves none", async () => {
    const { id } = await createOrganization();
    const data = JSON.stringify({ key_sha256: "ab".repeat(32) });
    const { code, out, err } = await run(["key", "create", "moved", "--org", id, "--data", data]);
    expect([code, out]).toEqual([0, ""]);
    expect(err).toMatch(/^Clients may use the key "moved" \(\S+\) now\.\n$/);
  });

  test("is a filter of a list", async () => {
    await run(["key", "list", "--filter", "metadata[team]=search=x", "--filter", "status=active"]);
    expect(Object.fromEntries(new URLSearchParams(server.queries.at(-1)))).toMatchObject({
      "metadata[team]": "search=x",
      status: "active",
    });
    expect((await run(["key", "list", "--filter", "status"])).err).toContain("is not name=value");
  });
});
