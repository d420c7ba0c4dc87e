import { CliError } from "#lib/cli/failure";

/** One finding of the doctor. */
export type Check = {
  name: string;
  state: "ok" | "warning" | "failed";
  detail: string;
  /** What to do about it. */
  fix?: string;
};

export const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail });
export const warning = (name: string, detail: string, fix?: string): Check => ({
  name,
  state: "warning",
  detail,
  ...(fix === undefined ? {} : { fix }),
});
export const failed = (name: string, detail: string, fix?: string): Check => ({
  ...warning(name, detail, fix),
  state: "failed",
});

/** What a failure of the CLI says, as a finding. */
export function failedWith(name: string, error: unknown, fix?: string): Check {
  if (!(error instanceof CliError)) throw error;
  return failed(name, error.message, fix ?? error.hint);
}
