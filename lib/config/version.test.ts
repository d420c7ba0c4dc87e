import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "./version";

test("is the version of package.json", () => {
  const packageJson: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(packageJson).toMatchObject({ version: VERSION });
});
