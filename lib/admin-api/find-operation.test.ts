import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ADMIN_API_PATH, findOperation } from "./find-operation";
import { type Method, operation } from "./operation";

const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const declare = (method: Method, path: string) =>
  operation({
    method,
    path,
    summary: "",
    tag: "",
    status: 200,
    input: z.unknown(),
    run: async () => ({}),
  });
const table = [
  declare("GET", "/users"),
  declare("POST", "/users"),
  declare("GET", "/users/{id}"),
  declare("PATCH", "/users/{id}"),
  declare("POST", "/users/{id}/sync-expiry"),
  declare("POST", "/users/sync-expiry"),
];
const find = (method: string, path: string) => findOperation(table, method, ADMIN_API_PATH + path);

describe("finding an operation", () => {
  test("goes by method and path, and reads the ids in the path", () => {
    expect(find("POST", "/users").operation).toBe(table[1]);
    expect(find("PATCH", `/users/${ID}`)).toEqual({ operation: table[3], pathParameters: { id: ID } });
    expect(find("POST", `/users/${ID}/sync-expiry`).operation).toBe(table[4]);
  });

  test("takes what is written out before what stands for anything", () => {
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
  ])("finds nothing at %j", (path) => {
    expect(() => find("GET", path)).toThrow(expect.objectContaining({ code: "not_found", status: 404 }));
  });

  test("tells which methods a known path takes instead", () => {
    expect(() => find("DELETE", "/users")).toThrow(
      expect.objectContaining({ code: "method_not_allowed", status: 405, headers: { allow: "GET, POST" } }),
    );
    expect(() => find("GET", "/users/sync-expiry")).toThrow(
      expect.objectContaining({ headers: { allow: "POST" } }),
    );
  });
});
