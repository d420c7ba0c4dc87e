import { build } from "esbuild";
import { expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";

test("the CLI starts quickly: its bundle has no database, Next or HTTP client", async () => {
  const { metafile } = await build({
    absWorkingDir: projectRoot(),
    entryPoints: ["lib/cli/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const packages = Object.keys(metafile.inputs).flatMap(
    (name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? [],
  );
  expect([...new Set(packages)].toSorted()).toEqual([
    "@commander-js/extra-typings",
    "commander",
    "yaml",
    "zod",
  ]);
});
