import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { ERROR_STATUS } from "#lib/http/api-error";
import { COMMON_MISTAKES } from "./common-mistakes";
import { ERROR_HELP, statusOfCode } from "./error-help";

/** Codes that functions of the database write into rows by themselves. */
function codesInSql(): string[] {
  const folder = join(projectRoot(), "drizzle/functions");
  return readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/'error_code', '(\w+)'/g)].map(
      ([, code = ""]) => code,
    ),
  );
}

test("every code of an answer or a row has its cause and what to do", () => {
  expect(codesInSql()).toContain("gateway_died");
  const codes = [...new Set([...Object.keys(ERROR_STATUS), ...codesInSql()])];
  expect(Object.keys(ERROR_HELP).toSorted()).toEqual(codes.toSorted());
  expect(statusOfCode("insufficient_quota")).toBe(429);
  expect(statusOfCode("gateway_died")).toBeNull();
});

test("texts are sentences, with code between backquotes", () => {
  const texts = [...Object.values(ERROR_HELP), ...COMMON_MISTAKES].flatMap(({ cause, action }) => [
    cause,
    action,
  ]);
  for (const text of texts) {
    expect(text, text).toMatch(/^[\p{Lu}`].{10,}\.$/u);
    expect(text.split("`").length % 2, text).toBe(1);
  }
});
