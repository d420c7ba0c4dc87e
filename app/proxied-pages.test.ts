import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { PAGE_PATHS } from "#lib/http/page-security";
import { config } from "../proxy";

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
const [pages, routes] = ["page.tsx", "route.ts"].map((name) =>
  files.filter((file) => file.endsWith(`/${name}`) || file === name).map(pathOf),
);

/** The path that a file of Next's router serves, with its parameters' names in place of values. */
function pathOf(file: string): string {
  const parts = dirname(file).split("/");
  return `/${parts.filter((part) => part !== "." && !part.startsWith("(")).join("/")}`;
}

const matches = (path: string) => config.matcher.some(({ source }) => new RegExp(`^${source}$`).test(path));

test("gives every page a policy, also one that does not exist", () => {
  expect(pages).toContain("/requests/[id]");
  for (const path of [...(pages ?? []), "/nothing-here", "/healthy"]) expect(matches(path), path).toBe(true);
});

test("leaves out every route handler, whose bodies Next would copy", () => {
  expect(routes).toContain("/chat/completions");
  for (const path of routes ?? []) expect(matches(path), path).toBe(false);
});

test("has the same paths for every server", () => {
  expect(config.matcher.map(({ source }) => source)).toEqual([PAGE_PATHS]);
});
