import { beforeEach, describe, expect, test } from "vitest";
import { errorReply, TOKEN } from "./testing/fake-server";
import { runHere } from "./testing/run-here";
import { startTestServer } from "./testing/test-server";

const { server, run, createOrganization } = await startTestServer();
beforeEach(() => server.clear());

describe("the exit code", () => {
  test("is 0 on success, including help and version", async () => {
    for (const args of [[], ["--help"], ["org", "--help"], ["--version"], ["org", "list"]]) {
      expect((await run(args)).code, args.join(" ")).toBe(0);
    }
    expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("is 2 for a wrong command line, with the reason on stderr", async () => {
    for (const [args, said] of [
      [["nonsense"], "unknown command"],
      [["org"], "Missing command"],
      [["org", "lst"], "Did you mean"],
      [["org", "create"], "missing required argument 'name'"],
      [["org", "list", "--what"], "unknown option"],
      [["org", "list", "--limit", "0"], "from 1 to 200"],
      [["org", "list", "--all", "--cursor", "x"], "cannot be used with"],
      [["user", "create", "ada@acme.example"], "--org"],
      [["key", "create", "x"], "either --user EMAIL, or --org ORG"],
      [["key", "create", "x", "--user", "a", "--org", "b"], "--user EMAIL, or --org ORG"],
      [["completion", "powershell"], "Allowed choices"],
    ] as const) {
      const { code, out, err } = await run(args);
      expect([code, out], args.join(" ")).toEqual([2, ""]);
      expect(err).toContain(said);
    }
  });

  test("is 2 when the server rejects a value, with its name", async () => {
    server.next.push(errorReply(400, "invalid_request", "At most 80 characters.", "name"));
    const { code, err } = await run(["org", "create", "x"]);
    expect([code, err]).toEqual([2, "tollgate: name: At most 80 characters.\n"]);
  });

  test("is 3 when the token is missing, unknown or not allowed", async () => {
    const none = await runHere(["org", "list"], { url: server.url });
    expect([none.code, none.err]).toEqual([3, expect.stringContaining("npx tollgate login --url")]);
    const unknown = await run(["org", "list"], { token: "wrong" });
    expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining("--token")]);
    server.next.push(errorReply(403, "forbidden", "That is for administrators."));
    expect(await run(["org", "list"])).toMatchObject({
      code: 3,
      err: "tollgate: That is for administrators.\n",
    });
  });

  test("is 4 when nothing is found", async () => {
    for (const reference of ["Nobody", "00000000-0000-4000-8000-000000000000"]) {
      expect((await run(["org", "get", reference])).code).toBe(4);
    }
    expect((await run(["org", "get", "Nobody"])).err).toContain("npx tollgate org list");
  });

  test("is 5 when the server cannot be reached or is not Tollgate", async () => {
    const closed = await runHere(["org", "list"], { url: "http://127.0.0.1:9", token: TOKEN });
    expect([closed.code, closed.err]).toEqual([5, expect.stringContaining("cannot be reached")]);
    server.next.push(
      { status: 404, body: "<html>" },
      { status: 302, headers: { location: "https://x.example/" } },
    );
    expect(await run(["org", "list"])).toMatchObject({
      code: 5,
      err: expect.stringContaining("not a Tollgate server"),
    });
    expect(await run(["org", "list"])).toMatchObject({
      code: 5,
      err: expect.stringContaining("https://x.example"),
    });
  });

  test("is 1 when the server fails or rejects the request otherwise", async () => {
    server.next.push(errorReply(409, "conflict", "This is taken.", "name"));
    expect((await run(["org", "create", "Acme"])).code).toBe(1);
    server.next.push(errorReply(500, "internal_error", "That did not work."));
    const { code, err } = await run(["org", "list"]);
    expect([code, err]).toEqual([1, expect.stringContaining("req-1")]);
    server.next.push({ status: 200, body: { something: "else" } });
    expect(await run(["org", "list"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("Unexpected response"),
    });
  });
});

describe("--json", () => {
  test("prints only the API's response, with unknown fields", async () => {
    server.next.push({
      status: 200,
      body: { data: [{ id: "1", name: "x", newer: { a: 1 } }], next_cursor: null },
    });
    const { out, err } = await run(["org", "list", "--json"]);
    expect(JSON.parse(out)).toEqual({ data: [{ id: "1", name: "x", newer: { a: 1 } }], next_cursor: null });
    expect(err).toBe("");
  });

  test("prints the API's error on stderr, and also works before the command", async () => {
    server.next.push(errorReply(409, "conflict", "This is taken.", "name"));
    const { code, out, err } = await run(["--json", "org", "create", "x"]);
    expect([code, out]).toEqual([1, ""]);
    expect(JSON.parse(err)).toEqual({
      error: { message: "This is taken.", type: "invalid_request_error", param: "name", code: "conflict" },
    });
    expect(JSON.parse((await run(["--json", "nonsense"])).err).error.message).toContain("unknown command");
  });
});

describe("lists", () => {
  test("show a page, mention the next one, and show all with --all", async () => {
    for (const name of ["one", "two", "three"]) await createOrganization(name);
    const page = await run(["org", "list", "--limit", "2"]);
    expect(page.out.split("\n")).toHaveLength(4);
    const [, cursor = ""] = /--cursor (\S+)/.exec(page.err) ?? [];
    expect((await run(["org", "list", "--cursor", cursor])).out).toContain("one");
    const all = JSON.parse((await run(["org", "list", "--all", "--json"])).out);
    expect(all.data.map((row: { name: string }) => row.name)).toEqual(["three", "two", "one"]);
    expect(all.next_cursor).toBeNull();
  });

  test("are read page by page when a row is looked up", async () => {
    const wanted = await createOrganization("the first");
    for (let at = 0; at < 250; at++)
      server.rows("providers").push({ id: `p${at}`, name: `p${at}`, type: "openai" });
    const made = await run(["model", "create", "m", "--provider", "p249"]);
    expect(made.out).toContain("p249");
    expect(JSON.parse((await run(["org", "get", "the first", "--json"])).out).id).toBe(wanted.id);
  });

  test("say how to create the first row when empty", async () => {
    expect(await run(["org", "list"])).toMatchObject({ out: "", err: expect.stringContaining("org create") });
  });
});
