import type { Cli } from "#lib/cli/cli";
import { print, remark } from "./show";

/** The secret alone goes to stdout, so that `KEY=$(…)` takes it; the words go to stderr. */
export function showSecret(cli: Cli, secret: string, words: string): void {
  remark(cli, words);
  print(cli, secret);
  remark(cli, "It is shown this once: keep it now.");
}
