import { isSnakeCase } from "#lib/dialects/text/snake-case";

/**
 * A field's name as the most lenient server reads it: without case, separators and lookalikes. Go ignores case
 * (`Max_Tokens`), protobuf takes camel case for snake case (`maxTokens`), and some normalise Unicode (`ｍax_tokens`).
 */
export function plainName(name: string): string {
  // Nearly all names are written like this: no letter of theirs changes.
  if (isSnakeCase(name)) return name.includes("_") ? name.replaceAll("_", "") : name;
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
