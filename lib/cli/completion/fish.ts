import { flagsWithValue, type Place } from "./tree";

/** A completion script for fish, for the command `tollgate`. */
export function fishScript(places: readonly Place[]): string {
  return `# tollgate completion for fish:  npx tollgate completion fish | source
function __tollgate_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l path
    set -l skip
    for word in $words
        if test -n "$skip"
            set skip
            continue
        end
        if contains -- $word ${flagsWithValue(places).join(" ")}
            set skip yes
            continue
        end
        switch "$path $word"
${places.flatMap(steps).join("\n")}
        end
    end
    test "$path" = "$argv[1]"
end
complete -c tollgate -f
${places.flatMap(linesOf).join("\n")}
`;
}

function steps({ path, commands }: Place): string[] {
  return commands.map(({ name, aliases }) => {
    const patterns = [name, ...aliases].map((word) => quoted(`${path} ${word}`));
    return `            case ${patterns.join(" ")}\n                set path ${quoted(`${path} ${name}`.trim())}`;
  });
}

function linesOf({ path, commands, options, values, takesFile }: Place): string[] {
  const start = `complete -c tollgate -n ${quoted(`__tollgate_at ${quoted(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${start} -a ${quoted(name)} -d ${quoted(description)}`),
    ...options.map(({ flags, takesValue, values: choices, description }) => {
      const names = flags.map((flag) =>
        flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value = takesValue ? ` -x${choices.length > 0 ? ` -a ${quoted(choices.join(" "))}` : ""}` : "";
      return `${start} ${names.join(" ")}${value} -d ${quoted(description)}`;
    }),
    ...(values.length > 0 ? [`${start} -a ${quoted(values.join(" "))}`] : []),
    ...(takesFile ? [`${start} -F`] : []),
  ];
}

/** Quotes a text for fish. */
const quoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
