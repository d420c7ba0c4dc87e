import { describe, expect, test } from "vitest";
import { bySocket, placeOf } from "./socket-url";

const TCP = "postgres://tollgate:secret@127.0.0.1:5433/tollgate";

describe("a database's URL", () => {
  test("names a Unix socket as libpq's do", () => {
    expect(placeOf("postgres://me:x@localhost:5433/db?host=/run/pg&sslmode=disable")).toEqual([
      "postgres://me:x@localhost:5433/db?sslmode=disable",
      { path: "/run/pg/.s.PGSQL.5433" },
    ]);
    expect(placeOf("postgres://me@localhost/db?host=%2Frun%2Fpg")[1]).toEqual({
      path: "/run/pg/.s.PGSQL.5432",
    });
  });

  test("without one stays as it is, several hosts too", () => {
    for (const url of [TCP, "postgres://a:1,b:2/db", `${TCP}?sslmode=require`]) {
      expect(placeOf(url)).toEqual([url, {}]);
    }
  });

  test("of the embedded database goes by its socket, unless the path is too long for one", () => {
    expect(placeOf(bySocket(TCP, "/data/my postgres"))).toEqual([
      TCP,
      { path: "/data/my postgres/.s.PGSQL.5433" },
    ]);
    expect(bySocket(TCP, `/${"x".repeat(120)}`)).toBe(TCP);
  });
});
