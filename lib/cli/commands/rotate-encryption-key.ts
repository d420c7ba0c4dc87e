import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { KeyRotation } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT } from "#lib/cli/failure";
import { print, show } from "#lib/cli/output/show";
import { factLines } from "#lib/cli/output/table";

/** Each call goes on for ten seconds, so this is most of a day. */
const MOST_CALLS = 5_000;

/** `tollgate rotate-encryption-key` */
export function addRotateEncryptionKeyCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("rotate-encryption-key")
    .description("encrypt everything with the new ENCRYPTION_KEY, while the gateway serves")
    .addHelpText(
      "after",
      `
1. Restart every process with the new key as ENCRYPTION_KEY, and the one before as ENCRYPTION_KEY_PREVIOUS. Old and new
   processes may run side by side.
2. Run this command. It may be interrupted and repeated.
3. Remove ENCRYPTION_KEY_PREVIOUS.
Keys, app secrets, admin tokens, passwords and sessions stay valid.`,
    )
    .action(async () => {
      const total: Totals = { resealed: new Map(), unreadable: new Map() };
      for (let call = 0; call < MOST_CALLS; call++) {
        const answer = await cli.admin().post("/encryption-key/rotate", KeyRotation);
        const { done, resealed, unreadable } = answer.value;
        for (const [column, count] of Object.entries(resealed)) {
          total.resealed.set(column, (total.resealed.get(column) ?? 0) + count);
        }
        // Each call meets them again.
        if (done) total.unreadable = new Map(Object.entries(unreadable));
        if (!done) continue;
        show(
          cli,
          { ...answer, json: { ...answer.value, resealed: Object.fromEntries(total.resealed) } },
          (last) => showRotation(cli, total, last.has_previous_key),
        );
        return;
      }
      throw new CliError("The rotation has not ended. Run the command again.", EXIT.failed);
    });
}

type Totals = { resealed: Map<string, number>; unreadable: Map<string, number> };

function showRotation(cli: Cli, { resealed, unreadable }: Totals, hasPrevious: boolean | undefined): void {
  const { out } = cli.io;
  if (resealed.size > 0) print(cli, "Sealed with the new key:", ...factLines([...resealed], out), "");
  if (unreadable.size > 0) {
    print(cli, "Not readable with either key, and left as they are:", ...factLines([...unreadable], out));
    print(cli, "Give those credentials again. They were sealed with a key from before these two.", "");
  }
  if (resealed.size === 0) {
    print(cli, "Nothing to do: everything is sealed with the ENCRYPTION_KEY of the process that answered.");
  }
  if (hasPrevious) {
    print(cli, "ENCRYPTION_KEY_PREVIOUS may be removed, once every process has the new ENCRYPTION_KEY.");
  } else {
    print(
      cli,
      "It has no ENCRYPTION_KEY_PREVIOUS: to rotate, set it to the key that ENCRYPTION_KEY replaces.",
    );
  }
}
