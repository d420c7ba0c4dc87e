import { build } from "esbuild";
import { expect, test } from "vitest";

test("the CLI's bundle has no database, no Next and no HTTP client in it, so that it starts quickly", async () => {
  const { metafile } = await build({
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
  expect([...new Set(packages)].toSorted()).toEqual(["@commander-js/extra-typings", "commander", "zod"]);
});
