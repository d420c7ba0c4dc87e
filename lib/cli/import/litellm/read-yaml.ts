import { wrongUsage } from "#lib/cli/failure";

/** Far more than a configuration that people write has. */
const MOST_CHARACTERS = 2_000_000;
/** How often aliases may be resolved, so that a few lines do not become gigabytes. */
const MOST_ALIASES = 1000;

/**
 * Reads a YAML document, with the merge keys (`<<`) that LiteLLM's parser knows.
 * @throws CliError "usage" that names the line and quotes nothing, because the file has secrets
 */
export async function readYaml(text: string, path: string): Promise<unknown> {
  if (text.length > MOST_CHARACTERS)
    throw wrongUsage(`${path} is too large: at most ${MOST_CHARACTERS / 1_000_000} MB.`);
  // Loaded here, because other commands start faster without it.
  const { parseDocument } = await import("yaml");
  try {
    const document = parseDocument(text, { merge: true, uniqueKeys: true, logLevel: "silent" });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault === undefined) return document.toJS({ maxAliasCount: MOST_ALIASES });
    throw wrongUsage(`${path}, line ${fault.linePos?.[0].line ?? 1}: ${reasonOf(fault.code)}`);
  } catch (error) {
    if (error instanceof ReferenceError)
      throw wrongUsage(`${path}: an alias without its anchor, or too many aliases.`);
    if (error instanceof RangeError) throw wrongUsage(`${path} is nested too deeply.`);
    throw error;
  }
}

function reasonOf(code: string): string {
  if (code === "DUPLICATE_KEY") return "this name is there twice in one mapping.";
  if (code === "TAG_RESOLVE_FAILED") return "tags (!…) are not read.";
  return `this is not valid YAML (${code}).`;
}
