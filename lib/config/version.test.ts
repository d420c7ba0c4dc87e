import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { VERSION } from "./version";

it("is the version of package.json", () => {
  const packageJson: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(packageJson).toMatchObject({ version: VERSION });
});
