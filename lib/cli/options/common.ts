import { Option } from "@commander-js/extra-typings";
import { wrongUsage } from "#lib/cli/failure";

export const yesOption = new Option("-y, --yes", "do not ask");

/** For creating: `--name X` says the same as the argument, for those who expect it so. */
export const nameOption = new Option("--name <name>").hideHelp();

/** The argument, or the option that stands for it. */
export function required(given: string | undefined, inPlace: string | undefined, what: string): string {
  const value = given ?? inPlace;
  if (value !== undefined) return value;
  throw wrongUsage(`missing required argument '${what}'`);
}
