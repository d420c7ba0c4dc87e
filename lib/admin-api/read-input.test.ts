import { describe, expect, test, vi } from "vitest";
import { type LargeBody, type Method, operation } from "./operation";
import { readInput } from "./read-input";
import { testVerb } from "./testing/test-verb";

const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

type Sent = {
  query?: string;
  body?: BodyInit;
  type?: string | null;
  largeBody?: LargeBody;
  headers?: object;
};

/** Reads the input of a request to `/things/{id}`. */
function read(
  method: Method,
  { query = "", body, type = "application/json", largeBody, headers }: Sent = {},
) {
  const found = {
    operation: operation(`${method} /things/{id}`, testVerb(), {
      summary: "",
      tag: "",
      idempotent: false,
      largeBody,
    }),
    pathParameters: { id: ID },
  };
  const init = { method, body, headers: { ...headers }, duplex: "half" };
  const request = new Request(`http://x/api/admin/v1/things/${ID}${query}`, init);
  if (type === null) request.headers.delete("content-type");
  else request.headers.set("content-type", type);
  return readInput(found, request);
}

const inputOf = async (...given: Parameters<typeof read>) => (await read(...given)).input;
const rejected = (fields: object) => expect.objectContaining({ code: "invalid_request", ...fields });

describe("the input of a GET", () => {
  test("is the query and the path parameters", async () => {
    expect(await inputOf("GET", { query: "?limit=5&search=a%20b" })).toEqual({
      limit: "5",
      search: "a b",
      id: ID,
    });
  });

  test("has the parts of an object in brackets", async () => {
    const query = "?metadata[team]=search&metadata%5Ba%5Bb%5D%5D=x&metadata[__proto__]=y&limit=5";
    const { metadata, ...rest } = await inputOf("GET", { query });
    expect(rest).toEqual({ limit: "5", id: ID });
    expect(Object.entries(metadata ?? {})).toEqual([
      ["team", "search"],
      ["a[b]", "x"],
      ["__proto__", "y"],
    ]);
  });

  test("has a list where a part or an object is repeated, which no schema takes for a text", async () => {
    expect(await inputOf("GET", { query: "?m[a]=1&m[a]=2" })).toEqual({ m: { a: ["1", "2"] }, id: ID });
    expect(await inputOf("GET", { query: "?m[a]=1&m=2" })).toEqual({ m: ["2", { a: "1" }], id: ID });
  });

  test("turns a repeated parameter into a list", async () => {
    expect(await inputOf("GET", { query: "?tag=a&tag=b" })).toEqual({ tag: ["a", "b"], id: ID });
  });

  test("rejects a field that repeats a path parameter", async () => {
    await expect(read("GET", { query: "?id=1" })).rejects.toEqual(rejected({ param: "id" }));
  });
});

describe("the input of other methods", () => {
  test("is the body and the path parameters", async () => {
    const body = '{"name": "x", "budget": null}';
    expect(await read("PATCH", { body })).toEqual({
      input: { name: "x", budget: null, id: ID },
      bodyText: body,
    });
  });

  test("may be the path parameters alone", async () => {
    expect(await inputOf("POST", { type: null })).toEqual({ id: ID });
    expect(await inputOf("DELETE", { body: " \n" })).toEqual({ id: ID });
  });

  test.each(["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json", null])(
    "may have the content type %s",
    async (type) => {
      expect(await inputOf("POST", { body: "{}", type })).toEqual({ id: ID });
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
  ])("may not have the content type %s; the error says what to send", async (type) => {
    await expect(read("POST", { body: "{}", type })).rejects.toMatchObject({
      status: 415,
      code: "unsupported_media_type",
      message: expect.stringContaining("content-type: application/json"),
    });
  });

  test.each(["{", "{'a': 1}", "[]", "null", "1", '"text"', '{"a": 1} {}', "\u00a0{}"])(
    "must be a JSON object, not %j",
    async (body) => {
      await expect(read("POST", { body })).rejects.toEqual(
        rejected({ message: expect.stringContaining("JSON") }),
      );
    },
  );

  test("must be UTF-8", async () => {
    await expect(read("POST", { body: Buffer.from([0x22, 0xff, 0x22]) })).rejects.toEqual(
      rejected({ message: expect.stringContaining("UTF-8") }),
    );
  });

  test("rejects a field that repeats a path parameter", async () => {
    await expect(read("PATCH", { body: `{"id": "${ID}"}` })).rejects.toEqual(
      rejected({ param: "id", message: expect.stringContaining('"id"') }),
    );
  });

  test("may not be in the query", async () => {
    await expect(read("DELETE", { query: "?force=true" })).rejects.toEqual(rejected({ param: "force" }));
  });

  test("has at most 1 MiB or the operation's own limit, whatever its content-length says", async () => {
    const large = JSON.stringify({ name: "x".repeat(1024 * 1024) });
    const tooLarge = expect.objectContaining({ status: 413, code: "request_too_large" });
    await expect(read("POST", { body: large })).rejects.toEqual(tooLarge);
    const headers = { "content-length": "2000000" };
    await expect(read("POST", { body: "{}", headers })).rejects.toEqual(tooLarge);
    const most = { bytes: 2_000_000, memberBytes: 2_000_000, members: 1, values: 0, depth: 1 };
    expect(await inputOf("POST", { body: large, largeBody: most })).toMatchObject({ id: ID });
  });

  test("is read no further than its limit", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(Buffer.alloc(65_536, " "));
      },
    });
    await expect(read("POST", { body: endless })).rejects.toMatchObject({ status: 413 });
    expect(pulled).toBeLessThan(25);
  });

  test.each<[string, string, string]>([
    ["nested deep", `{"a": ${'{"a":'.repeat(100)}1${"}".repeat(100)}}`, "deeper than 32 levels"],
    ["of brackets", `{"a": ${"[".repeat(300_000)}${"]".repeat(300_000)}}`, "deeper than 32 levels"],
    ["of empty lists", `{"a": [${"[],".repeat(300_000)}[]]}`, "more than 10000 values"],
    ["of fields", `{${'"a":1,'.repeat(100_000)}"a":1}`, "more than 10000 values"],
  ])("is judged before it is parsed: a body %s", async (_what, body, message) => {
    const parse = vi.spyOn(JSON, "parse");
    await expect(read("POST", { body })).rejects.toEqual(
      rejected({ message: expect.stringContaining(message) }),
    );
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  test("accepts any other value", async () => {
    const fields = { name: "Zoë 😀", tags: ["\n", ""], deep: { a: [{ b: 1e300 }] } };
    expect(await inputOf("POST", { body: JSON.stringify(fields) })).toEqual({ ...fields, id: ID });
  });

  test("treats names like __proto__ as plain names", async () => {
    const input = await inputOf("POST", { body: '{"__proto__": {"admin": true}, "constructor": 1}' });
    expect(Object.keys(input)).toEqual(["__proto__", "constructor", "id"]);
    expect(Reflect.get(input, "admin")).toBeUndefined();
  });
});
