import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Fixes for postgres.js 3.4.9 (its issues 1066, 1154, 1208), which breaks when a connection closes before a write.
 * - A transaction whose connection has closed writes its ROLLBACK to a null socket: an uncaught exception that crashes
 *   the process.
 * - A write that was scheduled when the connection closed stays marked as scheduled: the connection never writes again,
 *   so every attempt to reopen it times out.
 * Remove this with the first release that contains the fixes.
 */
const CHANGES: readonly (readonly [string, string])[] = [
  [
    "  function execute(q) {\n    if (terminated)",
    `  function execute(q) {
    if (socket === null)
      return queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true

    if (terminated)`,
  ],
  [
    "    clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)",
    `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`,
  ],
];
const SOURCES = ["src/connection.js", "cjs/src/connection.js"];

/**
 * Patches the postgres.js that a project in `root` uses; safe to repeat.
 * @throws if it is missing, cannot be written, or is an unknown version
 */
export function patchPostgres(root: string): void {
  const folder = postgresOf(root);
  for (const source of SOURCES) {
    const path = join(folder, source);
    const original = readFileSync(path, "utf8");
    let text = original;
    for (const [found, patched] of CHANGES) {
      if (text.includes(patched)) continue;
      if (!text.includes(found)) {
        const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        throw new Error(
          `lib/db/postgres-patch.ts does not apply to postgres ${version}: check whether it is still needed.`,
        );
      }
      text = text.replace(found, patched);
    }
    if (text !== original) writeFileSync(path, text);
  }
}

/** Whether postgres.js is patched, or needs no patch. */
export function isPostgresPatched(root: string): boolean {
  const folder = postgresOf(root);
  return SOURCES.every((source) => {
    const text = readFileSync(/*turbopackIgnore: true*/ join(folder, source), "utf8");
    return CHANGES.every(([found, patched]) => text.includes(patched) || !text.includes(found));
  });
}

/** Finds the package as Node does: in `root` or above. */
function postgresOf(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(/*turbopackIgnore: true*/ folder, "node_modules/postgres");
    if (existsSync(/*turbopackIgnore: true*/ join(found, "package.json"))) return found;
    if (folder === dirname(folder)) throw new Error("postgres is not installed: run npm ci.");
  }
}
