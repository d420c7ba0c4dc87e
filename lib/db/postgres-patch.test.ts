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

/** A project with postgres.js as it comes from the registry. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tollgate-patch-"));
  const folder = join(root, "node_modules/postgres");
  mkdirSync(join(root, "node_modules"));
  cpSync(join(HERE, "node_modules/postgres"), folder, { recursive: true });
  sources = SOURCES.map((source) => join(folder, source));
  for (const path of sources) {
    const mended = readFileSync(path, "utf8");
    const original = mended
      .replace(/ {4}if \(socket === null\)\n.*\n\n/, "")
      .replace("    chunk = nextWriteTimer = null\n    socket.removeListener", "    socket.removeListener");
    expect(original).not.toBe(mended);
    writeFileSync(path, original);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const texts = () => sources.map((path) => readFileSync(path, "utf8"));

describe("the mend of postgres.js", () => {
  test("is what this project itself runs with", () => {
    expect(isPostgresPatched(HERE)).toBe(true);
    patchPostgres(root);
    expect(texts()).toEqual(
      SOURCES.map((source) => readFileSync(join(HERE, "node_modules/postgres", source), "utf8")),
    );
  });

  test("is made once: the second time nothing changes", () => {
    expect(isPostgresPatched(root)).toBe(false);
    patchPostgres(root);
    const mended = texts();
    patchPostgres(root);
    expect(texts()).toEqual(mended);
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("half done is not done", () => {
    const [, path = ""] = sources;
    const unmended = readFileSync(path, "utf8");
    patchPostgres(root);
    writeFileSync(path, unmended);
    expect(isPostgresPatched(root)).toBe(false);
  });

  test("is not made of a version that nobody has looked at; which is no reason not to start", () => {
    for (const path of sources) writeFileSync(path, "// another one\n");
    expect(() => patchPostgres(root)).toThrow(/^postgres \d+\.\d+\.\d+ is not what .* mends/);
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("finds the package above the project, too, and says where there is none", () => {
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
      // What npm has installed beside it.
      symlinkSync(path, join(root, "node_modules", tool));
    }
  });

  test("makes it", () => {
    mkdirSync(join(root, "lib/db"), { recursive: true });
    for (const file of ["patch-postgres.ts", "postgres-patch.ts"]) {
      cpSync(join(HERE, "lib/db", file), join(root, "lib/db", file));
    }
    postinstall();
    expect(isPostgresPatched(root)).toBe(true);
  });

  test("goes on without our own files, as where a Dockerfile copies package.json first; the build makes it", () => {
    postinstall();
    expect(isPostgresPatched(root)).toBe(false);
    // A build that has nothing to do but that: it fails at the first thing it needs.
    const build = ["--import", "tsx", join(HERE, "lib/build/build.ts"), "--server-only"];
    expect(() => execFileSync(process.execPath, build, { cwd: root, stdio: "pipe" })).toThrow("server.ts");
    expect(isPostgresPatched(root)).toBe(true);
  });
});
