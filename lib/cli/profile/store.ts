import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "#lib/cli/failure";

const Profile = z.object({
  url: z.string(),
  token: z.string(),
  /** What `chat` calls the data plane with. */
  api_key: z.string().optional(),
});
const Saved = z.object({
  /** The profile that is used when none is named. */
  current: z.string().nullable(),
  profiles: z.record(z.string(), Profile),
});

export type Profile = z.output<typeof Profile>;
export type Saved = z.output<typeof Saved>;

/**
 * The saved profiles; none where nothing was saved yet.
 * @throws CliError when the file is there and cannot be understood
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

/** Saves the profiles, readable by their owner only, at once or not at all. */
export function writeProfiles(file: string, saved: Saved): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const side = `${file}.new`;
    writeFileSync(side, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
    // A side file left behind by a crash may have had another mode.
    chmodSync(side, 0o600);
    renameSync(side, file);
  } catch (error) {
    throw new CliError(`The profile could not be saved: ${messageOf(error)}`, EXIT.failed, {
      hint: "Pass --url and --token, or set TOLLGATE_URL and TOLLGATE_TOKEN, to do without a profile.",
    });
  }
}

function unreadable(file: string, error: unknown): CliError {
  return new CliError(`The profiles in ${file} cannot be read: ${messageOf(error)}`, EXIT.failed, {
    hint: `Mend the file, or remove it and run: npx tollgate login`,
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
