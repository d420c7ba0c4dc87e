import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";

const CALL = /\blog\.(?:fatal|error|warn|info|debug|trace)\(\s*\{([^{}]*)\}/g;
const CAMEL_CASE = /(?:^|,)\s*([a-z]+[A-Z]\w*)\s*(?=[:,]|$)/g;

/** The fields of log lines in a source that are not named as those of requests are. */
const misnamed = (source: string): string[] =>
  [...source.matchAll(CALL)].flatMap(([, fields = ""]) =>
    [...fields.matchAll(CAMEL_CASE)].map(([, name = ""]) => name),
  );

test("all lines of the log name their fields in one way: request_id, latency_ms", () => {
  const root = projectRoot();
  const listed = execFileSync("git", ["ls-files", "lib", "app", "*.ts"], { cwd: root, encoding: "utf8" });
  const sources = listed.split("\n").filter((path) => /\.tsx?$/.test(path) && !/\.(test|spec)\./.test(path));
  expect(sources.length).toBeGreaterThan(500);
  const found = sources.flatMap((path) =>
    misnamed(readFileSync(join(root, path), "utf8")).map((name) => `${path}: ${name}`),
  );
  expect(found).toEqual([]);
});

test("the search finds short and long forms, on one line and on several", () => {
  const source = `log.info({ requestId, status }, "x"); gateway.log.warn(\n  {\n    a: 1,\n    latencyMs: 2,\n  },\n "y")`;
  expect(misnamed(source)).toEqual(["requestId", "latencyMs"]);
});
