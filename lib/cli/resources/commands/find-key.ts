import { text } from "node:stream/consumers";
import { ApiKey } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { ask } from "#lib/cli/output/ask";
import { keyIn } from "#lib/cli/resources/key-value";
import type { ResourceCommand } from "#lib/cli/resources/resource";
import { addCommand } from "./add-command";
import { showRow } from "./show-facts";

const STDIN = "-";

/** `key find`: shows whose key a pasted one is. */
export function findKey(): ResourceCommand<ApiKey> {
  return (group, cli, resource) =>
    addCommand(group, {
      name: "find",
      description: "find a key by its value, which is sent in no address",
      arguments: [{ flags: "[key]", description: 'the whole key; "-" or nothing: from stdin' }],
      examples: ["npx tollgate key find tg_live_…", "npx tollgate key find - < pasted.txt"],
      run: async (_given, argument) => {
        const admin = cli.admin();
        const key = keyIn(await given(cli, argument));
        if (key === "") throw wrongUsage("Give the key, or pipe it in.");
        showRow(cli, resource, await admin.post("/api-keys/find", ApiKey, { key }));
      },
    });
}

function given({ io }: Cli, argument: string | undefined): Promise<string> | string {
  if (argument !== undefined && argument !== STDIN) return argument;
  return io.input.isTerminal ? ask(io, "Key: ", { secret: true }) : text(io.input.stream);
}
