#!/usr/bin/env node
// `npx tollgate`, from the TypeScript as it lies here: it needs no build. The bundle is made when a source
// has changed and kept in node_modules/.cache, since starting from it takes a fifth of the time.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/tollgate");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  quit(`Tollgate needs Node 20.19 or newer; this is ${process.version}.`);
}
if (!existsSync(join(ROOT, "node_modules/esbuild"))) {
  quit(`Tollgate's dependencies are not installed: run npm ci in ${ROOT}`);
}
const bundle = join(CACHE, `cli-${stateOfSources()}.mjs`);
await import(existsSync(bundle) ? pathToFileURL(bundle).href : await makeBundle());

/** A digest of when what the bundle is made of was changed last. */
function stateOfSources() {
  const hash = createHash("sha256");
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  };
  for (const room of ["lib/cli", "lib/config"]) {
    const names = readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" }).sort();
    for (const name of names) if (/(?<!\.test)\.ts$/.test(name)) add(join(ROOT, room, name));
  }
  for (const name of ["package.json", "package-lock.json"]) add(join(ROOT, name));
  return hash.digest("hex").slice(0, 16);
}

/** Makes the bundle and gives its address: a file's, or, where none can be written, one with all of it. */
async function makeBundle() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["lib/cli/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // For those of the packages that are CommonJS: they ask for Node's own modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("file:///");' },
    write: false,
    logLevel: "error",
  });
  const [{ contents }] = outputFiles;
  try {
    mkdirSync(CACHE, { recursive: true });
    for (const old of readdirSync(CACHE)) rmSync(join(CACHE, old), { force: true });
    const side = `${bundle}.${process.pid}`;
    writeFileSync(side, contents);
    renameSync(side, bundle);
    return pathToFileURL(bundle).href;
  } catch {
    return `data:text/javascript;base64,${Buffer.from(contents).toString("base64")}`;
  }
}

/** @returns {never} */
function quit(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
