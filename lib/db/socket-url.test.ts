import { describe, expect, test } from "vitest";
import { postgresOptions, socketUrl } from "./socket-url";

const TCP = "postgres://tollgate:secret@127.0.0.1:5433/tollgate";

describe("a database URL", () => {
  test("names a Unix socket as in libpq", () => {
    expect(postgresOptions("postgres://me:x@localhost:5433/db?host=/run/pg&sslmode=disable")).toEqual([
      "postgres://me:x@localhost:5433/db?sslmode=disable",
      { path: "/run/pg/.s.PGSQL.5433" },
    ]);
    expect(postgresOptions("postgres://me@localhost/db?host=%2Frun%2Fpg")[1]).toEqual({
      path: "/run/pg/.s.PGSQL.5432",
    });
  });

  test("without a socket is unchanged, also with several hosts", () => {
    for (const url of [TCP, "postgres://a:1,b:2/db", `${TCP}?sslmode=require`]) {
      expect(postgresOptions(url)).toEqual([url, {}]);
    }
  });

  test("of the embedded database uses its socket unless the path is too long", () => {
    expect(postgresOptions(socketUrl(TCP, "/data/my postgres"))).toEqual([
      TCP,
      { path: "/data/my postgres/.s.PGSQL.5433" },
    ]);
    expect(socketUrl(TCP, `/${"x".repeat(120)}`)).toBe(TCP);
  });
});
