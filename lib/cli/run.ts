import { CommanderError } from "@commander-js/extra-typings";
import { z } from "zod";
import { CliError, EXIT, type ExitCode } from "./failure";
import type { Io } from "./io";
import { red } from "./output/style";
import { buildProgram } from "./program";

/**
 * Runs one command line.
 * @param args the arguments after `tollgate`
 * @returns the exit code; errors have been printed to stderr
 */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  const { program, cli } = buildProgram(io);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    const failure = asFailure(error);
    if (failure === null) return EXIT.ok;
    print(io, failure, cli.globals().json === true);
    return failure.exitCode;
  }
}

/** Null when help or the version was printed, which is no failure. */
function asFailure(error: unknown): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return null;
    // A group of commands alone (`tollgate org`) prints its help.
    if (error.code === "commander.help") return new CliError("Missing command.", EXIT.usage);
    const message = error.message.replace(/^error: /, "");
    return new CliError(message, EXIT.usage, { hint: "Pass --help to see the usage." });
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return new CliError("Unexpected response from the server.", EXIT.failed);
  }
  return new CliError(error instanceof Error ? error.message : String(error), EXIT.failed);
}

function print({ err }: Io, { message, hint, body }: CliError, json: boolean): void {
  if (json) {
    err.write(`${JSON.stringify(body ?? { error: { message } })}\n`);
    return;
  }
  err.write(`${red(err, "tollgate:")} ${message}\n`);
  if (hint !== undefined) err.write(`${hint}\n`);
}
