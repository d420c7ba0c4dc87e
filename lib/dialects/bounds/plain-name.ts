import { lenientName, MOST_JUDGED_CHARACTERS } from "#lib/dialects/text/lenient-name";
import { isSnakeCase } from "#lib/dialects/text/snake-case";

/**
 * A field's name as the most lenient server reads it: without case, separators and lookalikes. Go ignores case
 * (`Max_Tokens`), protobuf takes camel case for snake case (`maxTokens`), and some normalise Unicode (`ｍax_tokens`).
 * @returns an empty name, which no table has, for one that is longer than any that a server reads
 */
export function plainName(name: string): string {
  if (name.length > MOST_JUDGED_CHARACTERS) return "";
  // Nearly all names are written like this: no letter of theirs changes.
  if (isSnakeCase(name)) return name.includes("_") ? name.replaceAll("_", "") : name;
  return lenientName(name)?.replace(/[^a-z0-9]/g, "") ?? "";
}
