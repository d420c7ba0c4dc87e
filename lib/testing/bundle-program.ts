import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { nodeProgram } from "#lib/build/node-program";
import { projectRoot } from "#lib/config/project-root";

/** A file of the project, or TypeScript that imports from it by `#lib/…`. */
export type ProgramSource = { file: string } | { code: string };

/**
 * Bundles a program, as `npm run build` does, so that a test can start it as a process.
 * @param folder created when it is missing
 * @returns the program's path, `<folder>/<name>.js`
 */
export async function bundleProgram(folder: string, name: string, source: ProgramSource): Promise<string> {
  const root = projectRoot();
  const outfile = join(folder, `${name}.js`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  // Node looks for the packages next to the bundle.
  const packages = join(folder, "node_modules");
  if (!existsSync(packages)) symlinkSync(join(root, "node_modules"), packages);
  const input =
    "file" in source
      ? { entryPoints: [join(root, source.file)] }
      : { stdin: { contents: source.code, resolveDir: root, loader: "ts" as const } };
  await build({ ...nodeProgram(root), ...input, outfile });
  return outfile;
}
