import { cliEnvironment } from "#lib/config/cli-environment";
import { ioOfProcess } from "./io";
import { runCli } from "./run";

process.exitCode = await runCli(process.argv.slice(2), ioOfProcess(cliEnvironment()));
