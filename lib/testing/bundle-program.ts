import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { nodeProgram } from "#lib/build/node-program";
import { projectRoot } from "#lib/config/project-root";

/** A file of the project, or TypeScript that imports from it by `#lib/…`. */
export type ProgramSource = { file: string } | { code: string };

/** Files of the project, each with the file that takes its place in a bundle. */
export type Replacements = Readonly<Record<string, string>>;

/**
 * Bundles a program, as `npm run build` does, so that a test can start it as a process.
 * @param folder created when it is missing
 * @param replacements a file that takes another's place may import the one that it replaces
 * @returns the program's path, `<folder>/<name>.js`
 * @throws Error if a file to replace is not part of the program
 */
export async function bundleProgram(
  folder: string,
  name: string,
  source: ProgramSource,
  replacements: Replacements = {},
): Promise<string> {
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
  const unused = new Set(Object.keys(replacements));
  const plugins = unused.size === 0 ? [] : [replaceFiles(root, replacements, unused)];
  await build({ ...nodeProgram(root), ...input, outfile, plugins });
  if (unused.size > 0) throw new Error(`${name} does not contain ${[...unused].join(", ")}`);
  return outfile;
}

/** Resolves imports of a replaced file to its replacement, and removes it from `unused`. */
function replaceFiles(root: string, replacements: Replacements, unused: Set<string>): Plugin {
  const replacing = new Set(Object.values(replacements).map((file) => join(root, file)));
  const resolved = Symbol("resolved");
  return {
    name: "replace-files",
    setup(bundle) {
      bundle.onResolve({ filter: /^[.#]/ }, async ({ path, pluginData, importer, ...how }) => {
        if (pluginData === resolved || replacing.has(importer)) return undefined;
        const original = await bundle.resolve(path, { ...how, importer, pluginData: resolved });
        const file = relative(root, original.path);
        const replacement = replacements[file];
        if (replacement === undefined) return original;
        unused.delete(file);
        return { path: join(root, replacement) };
      });
    },
  };
}
