import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StartUpError } from "./start-up-error";

/**
 * The folder that holds package.json and drizzle/: looked for above the working directory, then above
 * the script that runs. A module's own address is no help, since this code runs from dist/server.js,
 * from .next and from its source.
 * @throws StartUpError when Tollgate runs outside its own folder
 */
export function projectRoot(): string {
  const script = process.argv[1];
  const starts = [process.cwd(), ...(script ? [dirname(resolve(script))] : [])];
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(/*turbopackIgnore: true*/ folder, "drizzle/meta/_journal.json"))) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  throw new StartUpError(
    `Tollgate's own files (drizzle/) are not at ${process.cwd()} or above: start it from its folder.`,
  );
}
