import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Everything that a build reads. */
const INPUTS = [
  "app",
  "components",
  "lib",
  "public",
  "server.ts",
  "instrumentation.ts",
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];
/** Files that a build leaves out. */
const NOT_BUILT = /\.test\.tsx?$/;

/**
 * A digest of what a build in `root` reads, including Node's version. It covers contents, because a checkout or copy
 * changes times.
 */
export function digestOfInputs(root: string): string {
  const hash = createHash("sha256").update(process.version);
  for (const path of INPUTS.map((input) => join(root, input)).filter((input) => existsSync(input))) {
    for (const file of filesIn(path)) {
      const content = readFileSync(file);
      hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_BUILT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
