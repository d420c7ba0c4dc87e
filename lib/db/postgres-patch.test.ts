import { execFileSync, execSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isPostgresPatched, patchPostgres } from "./postgres-patch";

const HERE = process.cwd();
const SOURCES = ["src/connection.js", "cjs/src/connection.js"];
let root: string;
let sources: string[];

/** A project with an unpatched postgres.js. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tollgate-patch-"));
  const folder = join(root, "node_modules/postgres");
  mkdirSync(join(root, "node_modules"));
  cpSync(join(HERE, "node_modules/postgres"), folder, { recursive: true });
  sources = SOURCES.map((source) => join(folder, source));
  for (const path of sources) {
    const patched = readFileSync(path, "utf8");
    const original = patched
      .replace(/ {4}if \(socket === null\)\n.*\n\n/, "")
      .replace("    chunk = nextWriteTimer = null\n    socket.removeListener", "    socket.removeListener");
    expect(original).not.toBe(patched);
    writeFileSync(path, original);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const texts = () => sources.map((path) => readFileSync(path, "utf8"));

describe("the patch of postgres.js", () => {
  test("is applied in this project", () => {
    expect(isPostgresPatched(HERE)).toBe(true);
    patchPostgres(root);
    expect(texts()).toEqual(
      SOURCES.map((source) => readFileSync(join(HERE, "node_modules/postgres", source), "utf8")),
    );
  });

  test("is applied once: the second time changes nothing", () => {
    expect(isPostgresPatched(root)).toBe(false);
    patchPostgres(root);
    const patched = texts();
    patchPostgres(root);
    expect(texts()).toEqual(patched);
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("is not complete when only one source is patched", () => {
    const [, path = ""] = sources;
    const unpatched = readFileSync(path, "utf8");
    patchPostgres(root);
    writeFileSync(path, unpatched);
    expect(isPostgresPatched(root)).toBe(false);
  });

  test("does not apply to an unknown version, which may still start", () => {
    for (const path of sources) writeFileSync(path, "// another one\n");
    expect(() => patchPostgres(root)).toThrow(/does not apply to postgres \d+\.\d+\.\d+/);
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("finds the package above the project, and throws without one", () => {
    const deep = join(root, "packages/tollgate");
    mkdirSync(deep, { recursive: true });
    patchPostgres(deep);
    expect(isPostgresPatched(root)).toBe(true);
    rmSync(join(root, "node_modules"), { recursive: true });
    expect(() => patchPostgres(deep)).toThrow("run npm ci");
  });
});

describe("npm install", () => {
  const postinstall = () => {
    const { scripts } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));
    execSync(scripts.postinstall, { cwd: root, stdio: "pipe" });
  };
  beforeEach(() => {
    for (const tool of ["tsx", "esbuild", "get-tsconfig", "resolve-pkg-maps", "@esbuild"]) {
      const path = join(HERE, "node_modules", tool);
      // Packages that npm has installed as well.
      symlinkSync(path, join(root, "node_modules", tool));
    }
  });

  test("applies the patch", () => {
    mkdirSync(join(root, "lib/db"), { recursive: true });
    for (const file of ["patch-postgres.ts", "postgres-patch.ts"]) {
      cpSync(join(HERE, "lib/db", file), join(root, "lib/db", file));
    }
    postinstall();
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("succeeds without our own files (a Dockerfile may copy them later), and the build applies the patch", () => {
    postinstall();
    expect(isPostgresPatched(root)).toBe(false);
    // The build fails at the next step, since the project is empty.
    const build = ["--import", "tsx", join(HERE, "lib/build/build.ts"), "--server-only"];
    expect(() => execFileSync(process.execPath, build, { cwd: root, stdio: "pipe" })).toThrow("server.ts");
    expect(isPostgresPatched(root)).toBe(true);
  });
});
