import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StartUpError } from "./start-up-error";

/**
 * The folder of package.json and drizzle/: searched upwards from the working directory, then from the script. The
 * module's own path does not help, because this code runs from dist/server.js, .next and its source.
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
    `Tollgate's files (drizzle/) are not in ${process.cwd()} or above: start Tollgate from its folder.`,
  );
}
