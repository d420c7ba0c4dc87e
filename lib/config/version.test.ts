import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "./version";

test("the version is that of package.json", () => {
  const packageJson: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(packageJson).toMatchObject({ version: VERSION });
});
