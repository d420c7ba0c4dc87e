import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { TOKEN } from "#lib/cli/testing/fake-server";
import { newConfigFile, runHere } from "#lib/cli/testing/run-here";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run, createOrganization } = await startTestServer();
beforeEach(() => server.clear());

describe("organizations and users", () => {
  test("accept names, e-mails and limits as people write them", async () => {
    const { id } = await createOrganization();
    await run([
      "user",
      "create",
      "Ada@acme.example",
      "--org",
      "Acme",
      "--budget",
      "$5",
      "--payment-valid-until",
      "2027-01-31",
    ]);
    expect(server.bodies.get("POST /api/admin/v1/users")).toEqual({
      email: "Ada@acme.example",
      organization_id: id,
      budget: { limit_usd: "5", period: "month" },
      payment_valid_until: "2027-01-31",
    });
    const { out } = await run(["user", "get", "Ada@acme.example"]);
    expect(out).toContain("until 2027-01-31");
    expect(out).toContain("$5 a month");
  });

  test("change only the given settings", async () => {
    const { id } = await createOrganization();
    const changes = () => server.bodies.get(`PATCH /api/admin/v1/organizations/${id}`);
    await run(["org", "update", "Acme", "--budget", "100", "--period", "week"]);
    await run(["org", "update", "Acme", "--soft-limit", "80"]);
    expect(changes()).toEqual({ budget: { limit_usd: "100", period: "week", soft_limit_percent: 80 } });
    await run(["org", "update", "Acme", "--no-budget"]);
    expect(changes()).toEqual({ budget: null });
    expect((await run(["org", "update", "Acme"])).code).toBe(2);
  });

  test("show usage with every digit of the money", async () => {
    await createOrganization();
    const { out } = await run(["org", "usage", "Acme"]);
    expect(out).toContain("spent          $1.000000000012");
    expect(out).toContain("2026-01-01 00:00 UTC to 2026-02-01 00:00 UTC");
  });

  test("update the payment status", async () => {
    await createOrganization();
    expect((await run(["user", "sync-expiry"])).out).toBe(
      "Checked 3 users with a payment date; 1 newly expired.\n",
    );
  });

  test("are told apart by id where several have a name or an e-mail address", async () => {
    await run(["org", "create", "Acme"]);
    await run(["org", "create", "Acme"]);
    const ambiguous = await run(["org", "get", "Acme"]);
    expect(ambiguous).toMatchObject({
      code: 2,
      err: expect.stringContaining('organizations are named "Acme"'),
    });
    const [first] = server.rows("organizations");
    expect(ambiguous.err).toContain(first?.id);
    expect((await run(["org", "get", String(first?.id)])).code).toBe(0);
  });

  test("are invited by a link, which is the only output on stdout", async () => {
    const { id: organization_id } = await createOrganization();
    await run(["user", "create", "ada@acme.example", "--org", organization_id]);
    const { out, err } = await run(["user", "invite", "ada@acme.example"]);
    expect(out).toMatch(/^http:\/\/localhost\/invite\/\S+\n$/);
    expect(err).toContain("works once");
  });

  test("show the gateway's key figures", async () => {
    const { out } = await run(["metrics"]);
    expect(out).toContain("1 d 1 h");
    expect(out).toMatch(/ada@acme\.example\s+\$0\.5\s+7/);
    expect(out).toMatch(/Users with the most requests[\s\S]+emp-17\s+\$0\.25\s+9/);
  });
});

describe("usage", () => {
  const figures = {
    requests: 3,
    errors: 1,
    input_tokens: 10,
    cached_tokens: 4,
    output_tokens: 5,
    cost_usd: "0.5",
  };
  const report = (rest: object) => ({ status: 200, body: { data: [], complete_from: null, ...rest } });

  test("is reported by two groups, with what is missing", async () => {
    const row = {
      group: "2026-03-01",
      subgroup: "u-1",
      subgroup_name: "Ada",
      ...figures,
      latency_ms_p50: 120,
    };
    server.next.push(report({ data: [row], complete_from: "2026-03-01T05:00:00.000Z" }));
    const { out, err } = await run([
      "usage",
      "--by",
      "day",
      "--by",
      "user",
      "--time-zone",
      "Asia/Kolkata",
      "--tag",
      "x",
    ]);
    expect(out).toMatch(/DAY\s+USER\s+REQUESTS/);
    expect(out).toMatch(/2026-03-01\s+Ada\s+3\s+1\s+10\s+4\s+5\s+\$0\.5\s+120/);
    expect(err).toContain("Complete from 2026-03-01 05:00 UTC on");
    expect(server.queries.at(-1)).toContain("group_by=day&group_by=user&time_zone=Asia%2FKolkata&tag=x");
  });

  test("says that there is none, and which groups there are", async () => {
    server.next.push(report({}));
    expect((await run(["usage", "--from", "2026-03-01"])).err).toContain("No usage.");
    const { code, err } = await run(["usage", "--by", "colour"]);
    expect([code, err]).toEqual([2, expect.stringContaining("upstream_model")]);
  });
});

describe("rejections", () => {
  const id = "019c137f-ab60-7000-8000-00000000000a";

  test("are listed by kind with the last request, and filtered by names", async () => {
    const { id: organization_id } = await createOrganization();
    server.rows("rejections").push({
      id: "7",
      organization_id,
      hour: "2026-01-31T10:00:00.000Z",
      code: "insufficient_quota",
      count: 12,
      api_key_name: "laptop",
      last_request_ids: [id],
    });
    const { out } = await run(["rejection", "list", "--org", "Acme", "--code", "insufficient_quota"]);
    expect(out).toMatch(/2026-01-31 10:00 UTC\s+insufficient_quota\s+12\s+laptop/);
    expect(out).toContain(id);
    expect(server.queries.at(-1)).toContain(`organization_id=${organization_id}&code=insufficient_quota`);
  });

  test("say of one request which budget rejected it, what was left and what was needed", async () => {
    server.rows("rejections").push({
      id,
      at: "2026-01-31T10:01:00.000Z",
      code: "insufficient_quota",
      budget: {
        scope: "user",
        period: "month",
        remaining_usd: "0.12",
        held_usd: "0",
        needed_usd: "0.350000000001",
      },
    });
    const { out } = await run(["rejection", "get", id]);
    for (const line of [/^budget\s+user \(month\)$/m, /^left\s+\$0\.12$/m, /^needed\s+\$0\.350000000001$/m]) {
      expect(out).toMatch(line);
    }
    expect((await run(["rejection", "get", "019c137f-ab60-7000-8000-00000000000b"])).code).toBe(4);
  });
});

test("an adjustment among the requests is shown with its reason", async () => {
  const adjustment = { id: "adj-1", status: "adjustment", cost_usd: "-5", reason: "Invoice 17" };
  server.rows("requests").push(adjustment, { id: "req-9", status: "settled", reason: null });
  expect((await run(["request", "get", "adj-1"])).out).toMatch(/^reason\s+Invoice 17$/m);
  expect((await run(["request", "get", "req-9"])).out).not.toContain("reason");
});

describe("deleting", () => {
  test("asks at a terminal, and accepts only yes", async () => {
    await createOrganization();
    const no = await run(["org", "delete", "Acme"], { terminal: true, stdin: "\n" });
    expect(no).toMatchObject({ code: 1, err: expect.stringContaining("Nothing was deleted") });
    expect(server.rows("organizations")).toHaveLength(1);
    const yes = await run(["org", "delete", "Acme"], { terminal: true, stdin: "yes\n" });
    expect(yes.code).toBe(0);
    expect(server.rows("organizations")).toHaveLength(0);
  });

  test("needs --yes without a terminal", async () => {
    await createOrganization();
    expect(await run(["org", "delete", "Acme"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--yes"),
    });
    expect(server.rows("organizations")).toHaveLength(1);
    expect((await run(["org", "delete", "Acme", "--yes"])).code).toBe(0);
    expect(server.rows("organizations")).toHaveLength(0);
  });
});

describe("keys", () => {
  beforeEach(async () => {
    await createOrganization();
    await run(["user", "create", "ada@acme.example", "--org", "Acme"]);
  });

  test("are the only output on stdout when created", async () => {
    const { out, err } = await run([
      "key",
      "create",
      "laptop",
      "--user",
      "ada@acme.example",
      "--model",
      "a",
      "--model",
      "b",
    ]);
    expect(out).toMatch(/^tg_live_\S+\n$/);
    expect(err).toContain("only once");
    const body = server.bodies.get("POST /api/admin/v1/api-keys");
    expect(body).toMatchObject({ name: "laptop", allowed_models: ["a", "b"] });
    expect(body).not.toHaveProperty("organization_id");
  });

  test("are found by name, first characters and the key itself", async () => {
    const key = (await run(["key", "create", "laptop", "--org", "Acme"])).out.trim();
    await run(["key", "create", "twin", "--org", "Acme"]);
    for (const reference of ["laptop", key.slice(0, 12), key]) {
      expect((await run(["key", "get", reference])).out).toContain("laptop");
    }
    const elsewhere = `tg_live_${key.slice(8)}${"0".repeat(38)}`.slice(0, 46);
    server.rows("api-keys").forEach((row) => {
      row.key_prefix = elsewhere.slice(0, 12);
    });
    // A whole key that only begins like another is not taken for it.
    expect((await run(["key", "revoke", elsewhere])).code).toBe(4);
    await run(["key", "create", "twin", "--org", "Acme"]);
    const ambiguous = await run(["key", "revoke", "twin"]);
    expect(ambiguous).toMatchObject({ code: 2, err: expect.stringContaining("2 keys are named") });
  });

  test("are found by their value, pasted as an argument or from stdin, which is in no address", async () => {
    const key = (await run(["key", "create", "laptop", "--org", "Acme"])).out.trim();
    for (const ran of [
      await run(["apikey", "find", `"Bearer ${key}"`]),
      await run(["key", "find", "-"], { stdin: `${key}\n` }),
      await run(["key", "find"], { stdin: key }),
    ])
      expect([ran.code, ran.out]).toEqual([0, expect.stringContaining("laptop")]);
    expect(JSON.stringify([server.log, server.queries])).not.toContain(key);
    const unknown = await run(["key", "find", "sk-unknown"]);
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining("Key not found")]);
    expect((await run(["key", "find"])).err).toContain("Give the key");
  });

  test("are rotated with a grace period, and revoked", async () => {
    await run(["key", "create", "laptop", "--org", "Acme"]);
    const { out } = await run(["key", "rotate", "laptop", "--grace", "15m"]);
    expect(out).toMatch(/^tg_live_\S+\n$/);
    const [, rotation] = [...server.bodies].find(([name]) => name.endsWith("/rotate")) ?? [];
    expect(rotation).toEqual({ grace_seconds: 900 });
    expect((await run(["key", "revoke", "laptop"])).out).toContain("revoked");
  });

  test("are saved in the profile with --save, so that chat needs no --key", async () => {
    const configFile = newConfigFile();
    const saving = ["key", "create", "laptop", "--org", "Acme", "--save"];
    expect(await run(saving, { configFile })).toMatchObject({ code: 2, out: "" });
    expect(server.rows("api-keys")).toHaveLength(0);
    await run(["login"], { configFile });
    const key = (await run(saving, { configFile })).out.trim();
    expect(JSON.parse(readFileSync(configFile, "utf8")).profiles.default.api_key).toBe(key);
    expect((await runHere(["chat", "--model", "m", "Hi"], { configFile })).out).toContain("You said");
  });
});

describe("login", () => {
  test("saves only a working token, and uses it from then on", async () => {
    const configFile = newConfigFile();
    const wrong = await runHere(["login", "--url", server.url, "--token", "wrong"], { configFile });
    expect(wrong.code).toBe(3);
    expect((await runHere(["profile", "list"], { configFile })).out).toBe("");
    await runHere(["login", "--url", `${server.url}/`, "--token", TOKEN, "--profile", "here"], {
      configFile,
    });
    expect((await runHere(["org", "list"], { configFile })).code).toBe(0);
    const list = await runHere(["profile", "list"], { configFile });
    expect(list.out).toContain("here");
    expect(list.out).not.toContain(TOKEN);
    await runHere(["profile", "remove", "here"], { configFile });
    expect((await runHere(["org", "list"], { configFile })).code).toBe(2);
    expect((await runHere(["profile", "use", "here"], { configFile })).code).toBe(4);
  });

  test("asks for the token at a terminal without showing it", async () => {
    const configFile = newConfigFile();
    const asked = await runHere(["login", "--url", server.url], {
      configFile,
      terminal: true,
      stdin: `${TOKEN}\n`,
    });
    expect(asked.code).toBe(0);
    expect(asked.err).toContain("Admin token");
    expect(asked.err + asked.out).not.toContain(TOKEN);
    expect((await runHere(["login", "--url", server.url], { configFile })).code).toBe(2);
  });
});
