import { realpathSync } from "node:fs";
import { Argument, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Cli } from "#lib/cli/cli";
import { bashScript } from "#lib/cli/completion/bash";
import { fishScript } from "#lib/cli/completion/fish";
import { singleQuoted } from "#lib/cli/completion/quote";
import { completionTree } from "#lib/cli/completion/tree";
import { zshScript } from "#lib/cli/completion/zsh";

const SHELLS = ["bash", "zsh", "fish"] as const;
const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `tollgate completion bash|zsh|fish` */
export function addCompletionCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("completion")
    .description("print a script that completes tollgate in a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
To be put into the shell's start-up file, where it makes tollgate a command, too:
  bash  ~/.bashrc                   eval "$(npx tollgate completion bash)"
  zsh   ~/.zshrc                    eval "$(npx tollgate completion zsh)"
  fish  ~/.config/fish/config.fish  npx tollgate completion fish | source`,
    )
    .action((shell) => {
      cli.io.out.write(commandFor(shell) + SCRIPTS[shell](completionTree(parent)));
    });
}

/** Makes `tollgate` a command where it is none, since it is run by npx otherwise. */
function commandFor(shell: (typeof SHELLS)[number]): string {
  const program = singleQuoted(realpathSync(process.argv[1] ?? "tollgate"));
  return shell === "fish"
    ? `type -q tollgate; or function tollgate; node ${program} $argv; end\n`
    : `command -v tollgate >/dev/null || tollgate() { node ${program} "$@"; }\n`;
}
