import { singleQuoted } from "./quote";
import type { Place } from "./tree";

/** A completion script for zsh, for the command `tollgate`. */
export function zshScript(places: readonly Place[]): string {
  return `#compdef tollgate
# tollgate completion for zsh:  eval "$(npx tollgate completion zsh)"
${places.map(functionOf).join("\n")}
if [ "$funcstack[1]" = _tollgate ]; then
  _tollgate "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _tollgate tollgate
fi
`;
}

function functionOf({ path, commands, options, values, takesFile }: Place): string {
  const specs = options.map(({ flags, takesValue, values: choices, description }) => {
    const exclusive = flags.length > 1 ? `(${flags.join(" ")})` : "";
    const value = takesValue ? `:${choices.length > 0 ? `value:(${choices.join(" ")})` : "value: "}` : "";
    const each = flags.length > 1 ? `{${flags.join(",")}}` : flags[0];
    return `${singleQuoted(exclusive)}${each}${singleQuoted(`[${escaped(description)}]${value}`)}`;
  });
  const name = functionName(path);
  if (commands.length === 0) {
    const rest = takesFile
      ? "'*:file:_files'"
      : values.length > 0
        ? `'1:value:(${values.join(" ")})'`
        : "'*: : '";
    return `${name}() {
  _arguments ${[...specs, rest].join(" \\\n    ")}
}`;
  }
  const described = commands.flatMap(({ name: command, description }) =>
    singleQuoted(`${command}:${description.replaceAll(":", "\\:")}`),
  );
  const cases = commands.map(
    ({ name: command, aliases }) =>
      `    ${[command, ...aliases].join("|")}) ${functionName(`${path} ${command}`.trim())} ;;`,
  );
  return `${name}() {
  local line state
  local -a subcommands=(${described.join(" ")})
  _arguments -C ${specs.join(" \\\n    ")} \\
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command subcommands ;;
    rest) case $line[1] in
${cases.join("\n")}
    esac ;;
  esac
}`;
}

const functionName = (path: string) => `_tollgate${path === "" ? "" : `_${path.replaceAll(/[ -]/g, "_")}`}`;
/** Escapes a description for `_arguments`. */
const escaped = (text: string) => text.replace(/[[\]:\\]/g, "\\$&");
