import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** A text to replace in an existing file. */
export type Edit = { file: string; text: string; by: string };

/** A copy of the working tree in a temporary folder, with a Git repository of its own. */
export type ThrowawayCopy = {
  folder: string;
  /** Adds the files below `folder`, and makes the edits. */
  change(addedFolder: string, edits: readonly Edit[]): void;
  /** The existing files that differ from the copied ones. */
  changedFiles(): string[];
  /**
   * Runs a package's program in the copy.
   * @throws with what it printed, if it fails
   */
  run(program: string, ...args: string[]): Promise<void>;
  remove(): void;
};

/** Copies what Git tracks and what it does not ignore; the packages are linked. */
export function createThrowawayCopy(): ThrowawayCopy {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-seam-"));
  for (const file of git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")) {
    const source = join(ROOT, file);
    if (file === "" || file.startsWith("e2e/seams/") || !existsSync(source)) continue;
    cpSync(source, join(folder, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  git(folder, "init", "--quiet");
  git(folder, "add", "--all");
  const identity = [
    "-c",
    "user.name=copy",
    "-c",
    "user.email=copy@example.com",
    "-c",
    "commit.gpgsign=false",
  ];
  git(folder, ...identity, "commit", "--quiet", "--no-verify", "-m", "copy");

  return {
    folder,
    change(addedFolder, edits) {
      cpSync(addedFolder, folder, { recursive: true, errorOnExist: true, force: false });
      for (const { file, text, by } of edits) {
        const path = join(folder, file);
        const source = readFileSync(path, "utf8");
        if (!source.includes(text)) throw new Error(`${file} does not contain: ${text}`);
        writeFileSync(path, source.replace(text, by));
      }
    },
    changedFiles: () =>
      git(folder, "status", "--porcelain")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("??"))
        .map((line) => line.slice(3)),
    run: async (program, ...args) => {
      try {
        await promisify(execFile)("npx", [program, ...args], { cwd: folder, maxBuffer: OUTPUT_BYTES });
      } catch (error) {
        if (!(error instanceof Error && "stdout" in error && "stderr" in error)) throw error;
        const output = stripVTControlCharacters(`${error.stdout}\n${error.stderr}`).trim();
        throw new Error(`${program} failed in the copy:\n${output || error.message}`);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: OUTPUT_BYTES });
}
