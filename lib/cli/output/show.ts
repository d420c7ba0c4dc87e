import type { Answer } from "#lib/cli/api/client";
import type { Cli } from "#lib/cli/cli";
import { dim } from "./style";

/** Prints lines for people to stdout. */
export function print(cli: Cli, ...lines: string[]): void {
  for (const line of lines) cli.io.out.write(`${line}\n`);
}

/** Prints a remark to stderr, so that scripts that read stdout do not get it. */
export function remark(cli: Cli, ...lines: string[]): void {
  for (const line of lines) cli.io.err.write(`${dim(cli.io.err, line)}\n`);
}

export function printJson(cli: Cli, json: unknown): void {
  print(cli, JSON.stringify(json, null, 2));
}

/** Prints an answer: the API's JSON with `--json`, else through `render`. */
export function show<T>(cli: Cli, answer: Answer<T>, render: (value: T) => void): void {
  if (cli.globals().json) printJson(cli, answer.json);
  else render(answer.value);
}
