import type { Cli } from "#lib/cli/cli";
import { print, remark } from "./show";

/** Prints only the secret to stdout, so that `KEY=$(…)` works; the text goes to stderr. */
export function showSecret(cli: Cli, secret: string, words: string): void {
  remark(cli, words);
  print(cli, secret);
  remark(cli, "It is shown only once: save it now.");
}
