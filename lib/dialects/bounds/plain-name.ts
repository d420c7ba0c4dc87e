/**
 * A field's name as the most lenient server reads it: without case, separators and lookalikes. Go ignores case
 * (`Max_Tokens`), protobuf takes camel case for snake case (`maxTokens`), and some normalise Unicode (`ｍax_tokens`).
 */
export function plainName(name: string): string {
  if (/^[a-z0-9]*$/.test(name)) return name;
  // Nearly all others are written like this: no letter of theirs changes.
  if (/^[a-z0-9_]*$/.test(name)) return name.replaceAll("_", "");
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
