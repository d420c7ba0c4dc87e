import { readFileSync } from "node:fs";
import { wrongUsage } from "./failure";

/**
 * Reads a file that the command line names.
 * @throws CliError "usage" when it cannot be read
 */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrongUsage(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
