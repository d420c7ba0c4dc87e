import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { ask } from "./ask";

/**
 * Asks before something is deleted, unless `--yes` was given.
 * @param what like `the organization "Acme"`
 * @throws CliError "usage" without a terminal, "failed" when the answer is no
 */
export async function confirmDeletion(cli: Cli, what: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!cli.io.input.isTerminal) {
    throw wrongUsage(`This deletes ${what}.`, "Not a terminal: pass --yes to confirm.");
  }
  const answer = await ask(cli.io, `Delete ${what}? This cannot be undone. [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new CliError("Nothing was deleted.", EXIT.failed);
}
