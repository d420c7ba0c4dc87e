import { ConfigError } from "#lib/config/environment";
import { StartUpError } from "#lib/config/start-up-error";

/**
 * What to print when Tollgate cannot start: one line for a problem the operator can fix (one per variable), and a
 * stack trace for a bug.
 */
export function explainFailure(error: unknown): string {
  if (error instanceof StartUpError) return `Tollgate cannot start. ${error.message}`;
  if (error instanceof ConfigError) {
    const lines = error.message.split("\n");
    if (lines.length === 1) return `Tollgate cannot start. In the environment, ${lines[0]}.`;
    return ["Tollgate cannot start. In the environment:", ...lines.map((line) => `  ${line}`)].join("\n");
  }
  if (error instanceof Error) {
    const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
    const message = error.message.split("\nparams: ")[0];
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
    return [
      `Tollgate cannot start because of an unexpected error: ${message}${cause}`,
      ...frames.slice(0, 6),
    ].join("\n");
  }
  return `Tollgate cannot start because of an unexpected error: ${String(error)}`;
}
