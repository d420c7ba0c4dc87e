#!/usr/bin/env node
// `npx tollgate`, straight from the TypeScript sources. The bundle is kept in node_modules/.cache and built again
// when a source has changed, because starting from it takes a fifth of the time.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/tollgate");
/** The names of the sources that the kept bundle was built from. */
const SOURCES = join(CACHE, "sources.json");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  quit(`Tollgate needs Node 20.19 or newer; this is ${process.version}.`);
}
if (!existsSync(join(ROOT, "node_modules/esbuild"))) {
  quit(`Tollgate's dependencies are not installed: run npm ci in ${ROOT}`);
}
await import(keptBundle() ?? (await buildBundle()));

/** The address of the kept bundle; undefined when there is none for the sources as they are. */
function keptBundle() {
  try {
    const bundle = bundleOf(JSON.parse(readFileSync(SOURCES, "utf8")));
    return existsSync(bundle) ? pathToFileURL(bundle).href : undefined;
  } catch {
    return undefined;
  }
}

/** Where the bundle of these sources is kept; its name has a digest of when they were last changed. */
function bundleOf(sources) {
  const hash = createHash("sha256");
  for (const source of [...sources, "package.json", "package-lock.json"]) {
    const { mtimeMs, size } = statSync(join(ROOT, source));
    hash.update(`${source} ${mtimeMs} ${size}\n`);
  }
  return join(CACHE, `cli-${hash.digest("hex").slice(0, 16)}.mjs`);
}

/** Builds the bundle and returns its address: a file's, or a data URL when no file can be written. */
async function buildBundle() {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["lib/cli/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // CommonJS packages require Node's own modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("file:///");' },
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const [{ contents }] = outputFiles;
  try {
    const sources = Object.keys(metafile.inputs).filter((name) => !name.startsWith("node_modules/"));
    const bundle = bundleOf(sources);
    mkdirSync(CACHE, { recursive: true });
    for (const old of readdirSync(CACHE)) rmSync(join(CACHE, old), { force: true });
    write(bundle, contents);
    write(SOURCES, JSON.stringify(sources));
    return pathToFileURL(bundle).href;
  } catch {
    return `data:text/javascript;base64,${Buffer.from(contents).toString("base64")}`;
  }
}

/** Writes a whole file or none. */
function write(path, contents) {
  const side = `${path}.${process.pid}`;
  writeFileSync(side, contents);
  renameSync(side, path);
}

/** @returns {never} */
function quit(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
