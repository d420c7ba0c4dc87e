import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = "dist/server.js";

/** Node's arguments that start the built server as `npm start` does: the flags of that script, and the program. */
export const SERVER_ARGS: readonly string[] = [...flagsOfStart(), `${ROOT}${PROGRAM}`];

function flagsOfStart(): string[] {
  const { scripts }: { scripts: { start: string } } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const [, flags] = new RegExp(`exec node (.*) ${PROGRAM}$`).exec(scripts.start) ?? [];
  if (flags === undefined)
    throw new Error(`The start script of package.json does not end with \`exec node … ${PROGRAM}\`.`);
  return flags.split(" ");
}
