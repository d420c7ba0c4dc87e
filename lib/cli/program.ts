import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { VERSION } from "#lib/config/version";
import { type Cli, createCli } from "./cli";
import { addChatCommand } from "./commands/chat";
import { addCleanupCommand } from "./commands/cleanup";
import { addCompletionCommand } from "./commands/completion";
import { addImportCommand } from "./commands/import";
import { addLoginCommand } from "./commands/login";
import { addMetricsCommand } from "./commands/metrics";
import { addProfileCommands } from "./commands/profile";
import { addReconcileCommand } from "./commands/reconcile";
import { addSetupCommand } from "./commands/setup";
import type { Io } from "./io";
import { bold } from "./output/style";
import { RESOURCES } from "./resources/table";

const AFTER = `
From nothing to an answer:
  $ npx tollgate login --url http://localhost:3000 --token TOKEN
  $ npx tollgate provider create openai --type openai --api-key sk-…
  $ npx tollgate model create gpt-5-mini --provider openai
  $ npx tollgate org create Acme --budget 100 --period month
  $ npx tollgate user create ada@acme.example --org Acme
  $ npx tollgate key create laptop --user ada@acme.example --save
  $ npx tollgate chat --model gpt-5-mini --stream "Hello!"
  $ npx tollgate org usage Acme
Without a provider's key, in place of the second and the third:
  $ npx tollgate provider create pretend --type simulated
  $ npx tollgate model create gpt-5-mini --provider pretend --input-price 1 --output-price 2
Or all of it at once, with demo data:
  $ npx tollgate setup

Server and token:
  From --url and --token, else TOLLGATE_URL and TOLLGATE_TOKEN, else the profile that login saved. The token is
  the server's ADMIN_API_KEY (one with an embedded database makes its own: secrets.json in its DATA_DIR, .data), or
  what token create has made. chat takes an API key: --key, else TOLLGATE_API_KEY, else the profile's.

Exit codes:
  0 done   1 failed   2 wrong usage   3 not signed in, or not allowed   4 not found   5 server cannot be reached`;

/** The command tree, and what its commands work with. */
export function buildProgram(io: Io): { program: CommandUnknownOpts; cli: Cli } {
  const program = new Command("tollgate")
    .description("Administer a Tollgate gateway, and talk through it.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--url <url>", "the server's address, like http://localhost:3000")
    .option("--token <token>", "the admin token")
    .option("--profile <name>", "the saved server to use")
    .option("--json", "print the API's JSON, for scripts")
    .helpOption("-h, --help", "show help; also for each command")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      // Errors are told in one place (run.ts), whoever found them.
      outputError: () => {},
      getOutHelpWidth: () => io.out.columns ?? 100,
      getErrHelpWidth: () => io.err.columns ?? 100,
      getOutHasColors: () => io.out.colour,
      getErrHasColors: () => io.err.colour,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => bold(io.out, title),
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(asTyped)].join(" "),
    })
    .addHelpText("after", AFTER);
  const cli: Cli = createCli(io, () => program.opts());

  program.commandsGroup("Start:");
  addLoginCommand(program, cli);
  addProfileCommands(program, cli);
  addSetupCommand(program, cli);
  addCleanupCommand(program, cli);
  program.commandsGroup("Administer:");
  for (const addResource of RESOURCES) addResource(program, cli);
  addImportCommand(program, cli);
  addMetricsCommand(program, cli);
  addReconcileCommand(program, cli);
  program.commandsGroup("Use:");
  addChatCommand(program, cli);
  addCompletionCommand(program, cli);
  return { program, cli };
}

const asTyped = (argument: { name(): string; required: boolean; variadic: boolean }) => {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
};
