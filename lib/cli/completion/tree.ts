import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What can be typed after a path of commands. */
export type Place = {
  /** Like "org create"; empty for the program itself. */
  path: string;
  /** Its subcommands, with their aliases. */
  commands: { name: string; aliases: readonly string[]; description: string }[];
  options: CompletedOption[];
  /** The arguments' choices, if any. */
  values: readonly string[];
  /** Whether an argument is a file. */
  takesFile: boolean;
};

export type CompletedOption = {
  /** Like ["-y", "--yes"]. */
  flags: string[];
  takesValue: boolean;
  values: readonly string[];
  description: string;
};

/** Everything that can be completed, read from the commands themselves. */
export function completionTree(program: CommandUnknownOpts): Place[] {
  return placesOf(program, "", program.options.map(optionOf));
}

function placesOf(command: CommandUnknownOpts, path: string, globals: CompletedOption[]): Place[] {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== "help");
  const help: CompletedOption = {
    flags: ["-h", "--help"],
    takesValue: false,
    values: [],
    description: "help",
  };
  const own = path === "" ? [] : command.options.filter((option) => !option.hidden).map(optionOf);
  const place: Place = {
    path,
    commands: visible.map((sub) => ({
      name: sub.name(),
      aliases: sub.aliases(),
      description: firstSentence(sub.description()),
    })),
    options: [...own, ...globals, help],
    values: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    takesFile: command.registeredArguments.some((argument) => argument.name() === "file"),
  };
  return [place, ...visible.flatMap((sub) => placesOf(sub, `${path} ${sub.name()}`.trim(), globals))];
}

function optionOf(option: CommandUnknownOpts["options"][number]): CompletedOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    takesValue: option.required || option.optional,
    values: option.argChoices ?? [],
    description: firstSentence(option.description),
  };
}

const firstSentence = (text: string) => text.replace(/(;|: | \().*$/s, "").trim();

/** Every flag that takes a value. */
export const flagsWithValue = (places: readonly Place[]): string[] => [
  ...new Set(
    places.flatMap(({ options }) =>
      options.filter((option) => option.takesValue).flatMap((option) => option.flags),
    ),
  ),
];
