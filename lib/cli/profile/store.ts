import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "#lib/cli/failure";

const Profile = z.object({
  url: z.string(),
  token: z.string(),
  /** For `chat`. */
  api_key: z.string().optional(),
});
const Saved = z.object({
  /** The profile that is used without --profile. */
  current: z.string().nullable(),
  profiles: z.record(z.string(), Profile),
});

export type Profile = z.output<typeof Profile>;
export type Saved = z.output<typeof Saved>;

/**
 * The saved profiles; empty when none were saved.
 * @throws CliError when the file cannot be read or is invalid
 */
export function readProfiles(file: string): Saved {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { current: null, profiles: {} };
    }
    throw unreadable(file, error);
  }
  try {
    return Saved.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(file, error instanceof z.ZodError ? z.prettifyError(error) : error);
  }
}

/** Saves the profiles atomically, readable only by their owner. */
export function writeProfiles(file: string, saved: Saved): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const side = `${file}.new`;
    writeFileSync(side, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
    // A file left by a crash may have another mode.
    chmodSync(side, 0o600);
    renameSync(side, file);
  } catch (error) {
    throw new CliError(`Cannot save the profile: ${messageOf(error)}`, EXIT.failed, {
      hint: "To work without a profile, pass --url and --token or set TOLLGATE_URL and TOLLGATE_TOKEN.",
    });
  }
}

function unreadable(file: string, error: unknown): CliError {
  return new CliError(`Cannot read the profiles in ${file}: ${messageOf(error)}`, EXIT.failed, {
    hint: "Fix the file, or delete it and run npx tollgate login.",
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
