import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Runs after `npm install`: mends postgres.js 3.4.9 (its issues 1066, 1154, 1208), which does not survive that a
 * connection closes while something is about to be written to it.
 * - A transaction whose connection has closed writes its ROLLBACK to no socket: an exception that nobody can
 *   catch, and the process ends.
 * - A write that was scheduled when the connection closed is forgotten, and with it that none is scheduled: the
 *   connection never writes again, so each attempt to open it anew times out.
 * To be dropped with the first release that has it. Safe to repeat.
 */
const CHANGES = [
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

const require = createRequire(import.meta.url);
// The package shows its entry alone: cjs/src/index.js.
const root = join(dirname(require.resolve("postgres")), "../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

for (const source of ["src/connection.js", "cjs/src/connection.js"]) {
  const path = join(root, source);
  const original = readFileSync(path, "utf8");
  let text = original;
  for (const [found, mended] of CHANGES) {
    if (text.includes(mended)) continue;
    if (!text.includes(found)) {
      throw new Error(
        `postgres ${version} is not what lib/db/patch-postgres.mjs mends: see whether it is still needed.`,
      );
    }
    text = text.replace(found, mended);
  }
  if (text !== original) writeFileSync(path, text);
}
