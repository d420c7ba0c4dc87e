import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "#lib/cli/failure";

const Settings = z.record(z.string(), z.unknown());
type Settings = z.output<typeof Settings>;

/**
 * Writes an agent's settings, readable only by their owner, in one step.
 * @param isShared whether they are merged into the JSON that is there, or replace the file
 * @returns where what was there is kept; null if there was nothing, or nothing changes
 * @throws CliError if a shared file is not plain JSON, or cannot be read or written; nothing is changed then
 */
export function writeSettings(file: string, settings: string, isShared: boolean): string | null {
  try {
    const target = existsSync(file) ? realpathSync(file) : file;
    const before = existsSync(target) ? readFileSync(target, "utf8") : null;
    const after = `${isShared && before !== null && before.trim() !== "" ? merged(file, before, settings) : settings}\n`;
    if (after === before) {
      chmodSync(target, 0o600);
      return null;
    }
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const backup = before === null ? null : freeName(target);
    if (backup !== null) writeFileSync(backup, before ?? "", { mode: 0o600, flag: "wx" });
    const side = `${target}.new`;
    writeFileSync(side, after, { mode: 0o600 });
    // A file left by a crash may have another mode.
    chmodSync(side, 0o600);
    renameSync(side, target);
    return backup;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `Cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`,
      EXIT.failed,
      { hint: "Run the command without --write, and put the settings there yourself." },
    );
  }
}

/** `x.backup`, `x.backup-2` and so on: an earlier backup is never replaced. */
function freeName(file: string): string {
  for (let number = 1; ; number++) {
    const name = `${file}.backup${number === 1 ? "" : `-${number}`}`;
    if (!existsSync(name)) return name;
  }
}

function merged(file: string, before: string, settings: string): string {
  const known = parsed(before);
  if (known !== null) return JSON.stringify(mergedInto(known, Settings.parse(JSON.parse(settings))), null, 2);
  throw new CliError(`${file} is not a plain JSON object; nothing was changed.`, EXIT.failed, {
    hint: "Run the command without --write, and add the settings yourself.",
  });
}

function parsed(text: string): Settings | null {
  try {
    return Settings.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Objects are merged; of other values the new one counts. */
function mergedInto(before: Settings, after: Settings): Settings {
  const whole = { ...before };
  for (const [name, value] of Object.entries(after)) {
    const [known, given] = [Settings.safeParse(before[name]).data, Settings.safeParse(value).data];
    whole[name] = known !== undefined && given !== undefined ? mergedInto(known, given) : value;
  }
  return whole;
}
