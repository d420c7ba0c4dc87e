import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { VERSION } from "#lib/config/version";
import { type Cli, createCli } from "./cli";
import { addChatCommand } from "./commands/chat";
import { addCleanupCommand } from "./commands/cleanup";
import { addCompletionCommand } from "./commands/completion";
import { addConfigureCommand } from "./commands/configure";
import { addDoctorCommand } from "./commands/doctor";
import { addImportCommand } from "./commands/import";
import { addLoginCommand } from "./commands/login";
import { addMetricsCommand } from "./commands/metrics";
import { addProfileCommands } from "./commands/profile";
import { addReconcileCommand } from "./commands/reconcile";
import { addRotateEncryptionKeyCommand } from "./commands/rotate-encryption-key";
import { addSetupCommand } from "./commands/setup";
import { addSmokeCommand } from "./commands/smoke";
import { addUsageCommand } from "./commands/usage";
import { addDerived } from "./derived/add-derived";
import { DERIVED_OPERATIONS } from "./derived/derived-operations";
import type { Io } from "./io";
import { bold } from "./output/style";
import { RESOURCES } from "./resources/table";

const HELP = `
Getting started:
  $ npx tollgate login --url http://localhost:3000 --token TOKEN
  $ npx tollgate provider create openai --type openai --api-key sk-…
  $ npx tollgate model create gpt-5-mini --provider openai
  $ npx tollgate org create Acme --budget 100 --period month
  $ npx tollgate user create ada@acme.example --org Acme
  $ npx tollgate key create laptop --user ada@acme.example --save
  $ npx tollgate chat --model gpt-5-mini --stream "Hello!"
  $ npx tollgate configure codex --write
  $ npx tollgate org usage Acme
Without a provider's key, replace the second and third command with:
  $ npx tollgate provider create pretend --type simulated
  $ npx tollgate model create gpt-5-mini --provider pretend --input-price 1 --output-price 2
Or create demo data in one step:
  $ npx tollgate setup

Server and token:
  Taken from --url and --token, then TOLLGATE_URL and TOLLGATE_TOKEN, then the profile that login saved. The token is
  the server's ADMIN_API_KEY (with an embedded database: in secrets.json in its DATA_DIR, .data) or one created with
  token create. chat takes an API key from --key, then TOLLGATE_API_KEY, then the profile.

Exit codes:
  0 success   1 failure   2 wrong usage   3 not authenticated or not allowed   4 not found   5 server unreachable`;

/** Builds the command tree and what its commands work with. */
export function buildProgram(io: Io): { program: CommandUnknownOpts; cli: Cli } {
  const program = new Command("tollgate")
    .description("Administer a Tollgate gateway and chat through it.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--url <url>", "the server's address, like http://localhost:3000")
    .option("--token <token>", "the admin token")
    .option("--profile <name>", "the saved server to use")
    .option("--json", "print the API's JSON, for scripts")
    .helpOption("-h, --help", "show help for a command")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      // run.ts prints all errors, Commander's and ours.
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
    .addHelpText("after", HELP);
  const cli: Cli = createCli(io, () => program.opts());

  program.commandsGroup("Start:");
  addLoginCommand(program, cli);
  addProfileCommands(program, cli);
  addSetupCommand(program, cli);
  addCleanupCommand(program, cli);
  addDoctorCommand(program, cli);
  addSmokeCommand(program, cli);
  program.commandsGroup("Administer:");
  for (const addResource of RESOURCES) addResource(program, cli);
  addImportCommand(program, cli);
  addMetricsCommand(program, cli);
  addUsageCommand(program, cli);
  addReconcileCommand(program, cli);
  addRotateEncryptionKeyCommand(program, cli);
  addDerived(program, cli, DERIVED_OPERATIONS);
  program.commandsGroup("Use:");
  addChatCommand(program, cli);
  addConfigureCommand(program, cli);
  addCompletionCommand(program, cli);
  return { program, cli };
}

const asTyped = (argument: { name(): string; required: boolean; variadic: boolean }) => {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
};
