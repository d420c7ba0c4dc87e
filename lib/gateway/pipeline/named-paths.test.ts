import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isStorable } from "#lib/http/reject-unstorable";
import { namedPaths } from "./named-paths";

const named = (...paths: string[]) => namedPaths(paths, paths.length);

test.each([
  ["messages[0].content[1].cache_control", "messages[0].content[1].cache_control"],
  ["a\u0000b", "a\\u0000b"],
  ["a\nx-evil: 1", "a\\u000ax-evil: 1"],
  ["é中\ud83d", "\\u00e9\\u4e2d\\ud83d"],
  ["a,b\\c", "a\\u002cb\\u005cc"],
  ["n".repeat(60_000), `${"n".repeat(200)}...`],
])("names %j as a header and the ledger can hold it", (path, shown) => {
  expect(named(path)).toEqual([shown]);
});

test("names the first of very many, and how many follow", () => {
  const paths = Array.from({ length: 40_000 }, (_, at) => `tools[${at}]`);
  expect(named(...paths)).toEqual([...paths.slice(0, 100), "and 39900 more"]);
});

test("names no more than fits four thousand characters", () => {
  const paths = Array.from({ length: 50 }, () => "é".repeat(100));
  expect(named(...paths)).toEqual([...Array(6).fill("\\u00e9".repeat(100)), "and 44 more"]);
});

test("reads no more paths than it names", () => {
  let read = 0;
  function* endless() {
    for (;;) yield `tools[${read++}]`;
  }
  expect(namedPaths(endless(), 1_000_000)).toHaveLength(101);
  expect(read).toBeLessThan(110);
});

test("whatever the names are, a header can send them and PostgreSQL can store them", () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const name = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 300 });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 120 }), (paths) => {
      const header = named(...paths).join(",");
      response.setHeader("x-tollgate-dropped", header);
      expect(header.length).toBeLessThan(4_100);
      expect(isStorable(header)).toBe(true);
    }),
  );
});
