import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Mends postgres.js 3.4.9 (its issues 1066, 1154, 1208), which does not survive that a connection closes while
 * something is about to be written to it.
 * - A transaction whose connection has closed writes its ROLLBACK to no socket: an exception that nobody can
 *   catch, and the process ends.
 * - A write that was scheduled when the connection closed is forgotten, and with it that none is scheduled: the
 *   connection never writes again, so each attempt to open it anew times out.
 * To be dropped with the first release that has it.
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
 * Mends the postgres.js that a project in `root` uses; safe to repeat.
 * @throws where it is not there, cannot be written, or is none of which the mend is known
 */
export function patchPostgres(root: string): void {
  const folder = postgresOf(root);
  for (const source of SOURCES) {
    const path = join(folder, source);
    const original = readFileSync(path, "utf8");
    let text = original;
    for (const [found, mended] of CHANGES) {
      if (text.includes(mended)) continue;
      if (!text.includes(found)) {
        const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        throw new Error(
          `postgres ${version} is not what lib/db/postgres-patch.ts mends: see whether it is still needed.`,
        );
      }
      text = text.replace(found, mended);
    }
    if (text !== original) writeFileSync(path, text);
  }
}

/** Whether it is mended, or needs not to be. */
export function isPostgresPatched(root: string): boolean {
  const folder = postgresOf(root);
  return SOURCES.every((source) => {
    const text = readFileSync(/*turbopackIgnore: true*/ join(folder, source), "utf8");
    return CHANGES.every(([found, mended]) => text.includes(mended) || !text.includes(found));
  });
}

/** Where Node finds the package: in `root` or above. */
function postgresOf(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(/*turbopackIgnore: true*/ folder, "node_modules/postgres");
    if (existsSync(/*turbopackIgnore: true*/ join(found, "package.json"))) return found;
    if (folder === dirname(folder)) throw new Error("postgres is not installed: run npm ci.");
  }
}
