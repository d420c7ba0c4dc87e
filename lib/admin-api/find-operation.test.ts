import { describe, expect, test } from "vitest";
import { z } from "zod";
import { verb } from "#lib/services/verb";
import { ADMIN_API_PATH, findOperation } from "./find-operation";
import { type Method, operation } from "./operation";
import { testVerb } from "./testing/test-verb";

const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const declare = (route: `${Method} /${string}`) => operation(route, testVerb(), { summary: "", tag: "" });
const table = [
  declare("GET /users"),
  declare("POST /users"),
  declare("GET /users/{id}"),
  declare("PATCH /users/{id}"),
  declare("POST /users/{id}/sync-expiry"),
  declare("POST /users/sync-expiry"),
];
const find = (method: string, path: string) => findOperation(table, method, ADMIN_API_PATH + path);

describe("findOperation", () => {
  test("matches method and path, and reads the ids in the path", () => {
    expect(find("POST", "/users").operation).toBe(table[1]);
    expect(find("PATCH", `/users/${ID}`)).toEqual({ operation: table[3], pathParameters: { id: ID } });
    expect(find("POST", `/users/${ID}/sync-expiry`).operation).toBe(table[4]);
  });

  test("reads a name where the operation takes one, and decodes it", () => {
    const named = verb({
      role: "viewer",
      input: z.strictObject({ id: z.string().max(9) }),
      output: z.unknown(),
      run: async () => ({}),
    });
    const requests = [operation("GET /requests/{id}", named, { summary: "", tag: "" })];
    const read = (id: string) =>
      findOperation(requests, "GET", `${ADMIN_API_PATH}/requests/${id}`).pathParameters;
    expect(read("client-1")).toEqual({ id: "client-1" });
    expect(read("a%2Fb%20c")).toEqual({ id: "a/b c" });
    for (const id of ["of-ten-chars", "%", "%00", "%ff"]) {
      expect(() => read(id)).toThrow(expect.objectContaining({ code: "not_found" }));
    }
  });

  test("prefers a literal segment to a parameter", () => {
    expect(find("POST", "/users/sync-expiry").operation).toBe(table[5]);
  });

  test("serves HEAD as GET", () => {
    expect(find("HEAD", "/users").operation).toBe(table[0]);
  });

  test.each([
    "",
    "/",
    "/nothing",
    "/users/",
    "//users",
    `/users/${ID}/nothing`,
    "/Users",
    "/__proto__",
    "/users/x",
    "/users/%00",
    "/users/%2e%2e",
    `/users/${ID}'`,
    `/users/${"9".repeat(10_000)}`,
    "/users/{id}",
  ])("rejects %j with 404", (path) => {
    expect(() => find("GET", path)).toThrow(expect.objectContaining({ code: "not_found", status: 404 }));
  });

  test("lists the allowed methods of a known path", () => {
    expect(() => find("DELETE", "/users")).toThrow(
      expect.objectContaining({ code: "method_not_allowed", status: 405, headers: { allow: "GET, POST" } }),
    );
    expect(() => find("GET", "/users/sync-expiry")).toThrow(
      expect.objectContaining({ headers: { allow: "POST" } }),
    );
  });
});
