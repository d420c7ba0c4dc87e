import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Method, operation } from "./operation";
import { readInput } from "./read-input";

const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

type Sent = {
  query?: string;
  body?: BodyInit;
  type?: string | null;
  maxBodyBytes?: number;
  headers?: object;
};

/** Reads what a request to `/things/{id}` says. */
function read(
  method: Method,
  { query = "", body, type = "application/json", maxBodyBytes, headers }: Sent = {},
) {
  const found = {
    operation: operation({
      method,
      path: "/things/{id}",
      summary: "",
      tag: "",
      status: 200,
      input: z.unknown(),
      maxBodyBytes,
      run: async () => ({}),
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
const refused = (fields: object) => expect.objectContaining({ code: "invalid_request", ...fields });

describe("the input of a GET", () => {
  test("is its query and its path", async () => {
    expect(await inputOf("GET", { query: "?limit=5&search=a%20b" })).toEqual({
      limit: "5",
      search: "a b",
      id: ID,
    });
  });

  test("has a list where a name is given twice", async () => {
    expect(await inputOf("GET", { query: "?tag=a&tag=b" })).toEqual({ tag: ["a", "b"], id: ID });
  });

  test("cannot say again what the path says", async () => {
    await expect(read("GET", { query: "?id=1" })).rejects.toEqual(refused({ param: "id" }));
  });

  test("holds no character that PostgreSQL cannot keep", async () => {
    await expect(read("GET", { query: "?search=a%00" })).rejects.toEqual(refused({ param: "search" }));
  });
});

describe("the input of a change", () => {
  test("is its body and its path", async () => {
    const body = '{"name": "x", "budget": null}';
    expect(await read("PATCH", { body })).toEqual({
      input: { name: "x", budget: null, id: ID },
      bodyText: body,
    });
  });

  test("may be the path alone", async () => {
    expect(await inputOf("POST", { type: null })).toEqual({ id: ID });
    expect(await inputOf("DELETE", { body: " \n" })).toEqual({ id: ID });
  });

  test.each(["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json", null])(
    "is taken as %s",
    async (type) => {
      expect(await inputOf("POST", { body: "{}", type })).toEqual({ id: ID });
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
  ])("is not taken as %s, and the answer says what to send", async (type) => {
    await expect(read("POST", { body: "{}", type })).rejects.toMatchObject({
      status: 415,
      code: "unsupported_media_type",
      message: expect.stringContaining("content-type: application/json"),
    });
  });

  test.each(["{", "{'a': 1}", "[]", "null", "1", '"text"', '{"a": 1} {}', "\u00a0{}"])(
    "is a JSON object, not %j",
    async (body) => {
      await expect(read("POST", { body })).rejects.toEqual(
        refused({ message: expect.stringContaining("JSON") }),
      );
    },
  );

  test("is UTF-8", async () => {
    await expect(read("POST", { body: Buffer.from([0x22, 0xff, 0x22]) })).rejects.toEqual(
      refused({ message: expect.stringContaining("UTF-8") }),
    );
  });

  test("cannot say again what the path says", async () => {
    await expect(read("PATCH", { body: `{"id": "${ID}"}` })).rejects.toEqual(
      refused({ param: "id", message: expect.stringContaining('"id"') }),
    );
  });

  test("is not in the query", async () => {
    await expect(read("DELETE", { query: "?force=true" })).rejects.toEqual(refused({ param: "force" }));
  });

  test("is at most a mebibyte, or what the operation allows, whatever length it is said to have", async () => {
    const large = JSON.stringify({ name: "x".repeat(1024 * 1024) });
    const tooLarge = expect.objectContaining({ status: 413, code: "request_too_large" });
    await expect(read("POST", { body: large })).rejects.toEqual(tooLarge);
    const headers = { "content-length": "2000000" };
    await expect(read("POST", { body: "{}", headers })).rejects.toEqual(tooLarge);
    expect(await inputOf("POST", { body: large, maxBodyBytes: 2_000_000 })).toMatchObject({ id: ID });
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

  test.each<[string, object]>([
    ['{"a": {"b": ["x", "y\\u0000"]}}', { param: "a.b.1" }],
    ['{"a": "\\ud800"}', { param: "a" }],
    ['{"a": {"\\u0000": 1}}', { param: "a" }],
    [`{"a": ${'{"a":'.repeat(100)}1${"}".repeat(100)}}`, { message: expect.stringContaining("nested") }],
    [`{"a": ${"[".repeat(300_000)}${"]".repeat(300_000)}}`, { message: expect.stringContaining("nested") }],
  ])("is nothing that PostgreSQL cannot keep: %.40s", async (body, fields) => {
    await expect(read("POST", { body })).rejects.toEqual(refused(fields));
  });

  test("may hold anything else", async () => {
    const fields = { name: "Zoë 😀", tags: ["\n", ""], deep: { a: [{ b: 1e300 }] } };
    expect(await inputOf("POST", { body: JSON.stringify(fields) })).toEqual({ ...fields, id: ID });
  });

  test("keeps names like __proto__ as names", async () => {
    const input = await inputOf("POST", { body: '{"__proto__": {"admin": true}, "constructor": 1}' });
    expect(Object.keys(input)).toEqual(["__proto__", "constructor", "id"]);
    expect(Reflect.get(input, "admin")).toBeUndefined();
  });
});
