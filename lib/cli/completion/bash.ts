import { singleQuoted } from "./quote";
import { flagsWithValue, type Place } from "./tree";

/** A completion script for bash, for the command `tollgate`. */
export function bashScript(places: readonly Place[]): string {
  return `# tollgate completion for bash:  eval "$(npx tollgate completion bash)"
_tollgate() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" skip="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "\${COMP_WORDS[index]}" in
      ${flagsWithValue(places).join("|")}) skip=1 ;;
      -*) ;;
      *)
        case "$path \${COMP_WORDS[index]}" in
${indent(8, steps(places))}
        esac ;;
    esac
  done
  case "$path $before" in
${indent(4, places.flatMap(valueCases))}
  esac
  if [ -n "$skip" ]; then return; fi
  case "$path" in
${indent(4, places.map(wordCase))}
  esac
}
complete -o default -F _tollgate tollgate
`;
}

/** One case for each command: from the path before it to the path with it. */
function steps(places: readonly Place[]): string[] {
  return places.flatMap(({ path, commands }) =>
    commands.map(({ name, aliases }) => {
      const patterns = [name, ...aliases].map((word) => `"${path} ${word}"`);
      return `${patterns.join("|")}) path=${singleQuoted(`${path} ${name}`.trim())} ;;`;
    }),
  );
}

function valueCases({ path, options }: Place): string[] {
  return options
    .filter(({ values }) => values.length > 0)
    .map(({ flags, values }) => {
      const patterns = flags.map((flag) => `"${path} ${flag}"`);
      return `${patterns.join("|")}) COMPREPLY=($(compgen -W ${singleQuoted(values.join(" "))} -- "$word")); return ;;`;
    });
}

function wordCase({ path, commands, options, values, takesFile }: Place): string {
  const names = [...commands.map(({ name }) => name), ...values];
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith("--")));
  const words = takesFile ? flags : [...names, ...flags];
  const dashed = `case "$word" in -*) COMPREPLY=($(compgen -W ${singleQuoted(flags.join(" "))} -- "$word")) ;;`;
  const plain = takesFile
    ? `*) COMPREPLY=($(compgen -f -- "$word")) ;;`
    : `*) COMPREPLY=($(compgen -W ${singleQuoted((names.length > 0 ? names : words).join(" "))} -- "$word")) ;;`;
  return `"${path}") ${dashed} ${plain} esac ;;`;
}

const indent = (spaces: number, lines: readonly string[]) =>
  lines.map((line) => " ".repeat(spaces) + line).join("\n");
