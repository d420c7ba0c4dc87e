import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { cliEnvironment } from "#lib/config/cli-environment";
import { COMMON_MISTAKES } from "#lib/guides/common-mistakes";
import { ERROR_HELP } from "#lib/guides/error-help";
import { MOVING_GUIDES } from "#lib/guides/moving/guides";
import { ioOfProcess } from "./io";
import { buildProgram } from "./program";

/** The commands of the guides' programs, and those between backquotes in their texts. */
function commandsOf(): string[] {
  const help = [...Object.values(ERROR_HELP), ...COMMON_MISTAKES].flatMap(({ cause, action }) => [
    cause,
    action,
  ]);
  const guides = MOVING_GUIDES.flatMap(({ steps, terms, left }) => [
    ...steps.map(({ text }) => text),
    ...terms.map(({ ours }) => ours),
    ...left.map(({ why }) => why),
  ]);
  const inTexts = [...help, ...guides].flatMap((text) =>
    text.split("`").filter((_, place) => place % 2 === 1),
  );
  const programs = MOVING_GUIDES.flatMap(({ steps }) =>
    steps.map(({ code = "" }) => code.replaceAll("\\\n", " ")),
  );
  return [...inTexts, ...programs].flatMap((text) =>
    [...text.matchAll(/npx tollgate ([^\n|)>;]+)/g)].map(([, command = ""]) => command.trim()),
  );
}

const wordsOf = (command: string): string[] => [...(command.match(/"[^"]*"|\S+/g) ?? [])];

const { program } = buildProgram(ioOfProcess(cliEnvironment({})));

/** What a command has that the CLI does not. */
function faultOf(command: string): string | null {
  let place: CommandUnknownOpts = program;
  const words = wordsOf(command);
  const known = new Set(place.options.map(({ long }) => long));
  for (const word of words) {
    const next = place.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next === undefined) break;
    place = next;
  }
  if (place.commands.length > 0) return `tollgate ${command}: no such command`;
  for (const { long } of place.options) known.add(long);
  const wrong = place.options.find(({ long, argChoices }) => {
    const value = words[words.indexOf(long ?? "") + 1];
    const isOther = !argChoices?.includes(value ?? "") && !value?.startsWith("metadata:");
    return argChoices !== undefined && words.includes(long ?? "") && isOther;
  });
  if (wrong !== undefined) return `tollgate ${command}: not a choice of ${wrong.long}`;
  const unknown = words.find((word) => word.startsWith("--") && !known.has(word.split("=")[0]));
  return unknown === undefined ? null : `tollgate ${command}: no option ${unknown}`;
}

test("every command of the guides exists, with its options", () => {
  const commands = commandsOf();
  expect(commands.length).toBeGreaterThan(30);
  expect(commands.map(faultOf).filter((fault) => fault !== null)).toEqual([]);
});

test("tells a command and an option that do not exist", () => {
  expect(faultOf("org fly Acme")).toContain("no such command");
  expect(faultOf("org create Acme --wings 2")).toContain("no option --wings");
  expect(faultOf("org create Acme --budget 1 --period aeon")).toContain("not a choice of --period");
});
