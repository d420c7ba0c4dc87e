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
    .description("print a shell completion script for tollgate")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
Add the line to your shell's start-up file. It also defines the command tollgate:
  bash  ~/.bashrc                   eval "$(npx tollgate completion bash)"
  zsh   ~/.zshrc                    eval "$(npx tollgate completion zsh)"
  fish  ~/.config/fish/config.fish  npx tollgate completion fish | source`,
    )
    .action((shell) => {
      cli.io.out.write(commandFor(shell) + SCRIPTS[shell](completionTree(parent)));
    });
}

/** Defines the command `tollgate`, unless there is one: without it, people run npx. */
function commandFor(shell: (typeof SHELLS)[number]): string {
  const program = singleQuoted(realpathSync(process.argv[1] ?? "tollgate"));
  return shell === "fish"
    ? `type -q tollgate; or function tollgate; node ${program} $argv; end\n`
    : `command -v tollgate >/dev/null || tollgate() { node ${program} "$@"; }\n`;
}
