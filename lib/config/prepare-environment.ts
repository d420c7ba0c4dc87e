import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { completeEnvironment } from "./config";

/**
 * Readies the environment of a process that we start ourselves: which mode React and Next run in, and
 * what `.env.local` and `.env` say, as Next reads them. What is set already is not overwritten.
 */
export function prepareEnvironment(root: string, dev: boolean): void {
  Object.assign(process.env, {
    NODE_ENV: dev ? "development" : "production",
    // A gateway tells nobody what it does.
    NEXT_TELEMETRY_DISABLED: "1",
  });
  for (const name of [".env.local", ".env"]) {
    const file = join(root, name);
    if (!existsSync(file)) continue;
    const entries = Object.entries(parseEnv(readFileSync(file, "utf8")));
    completeEnvironment(Object.fromEntries(entries.map(([key, value]) => [key, value ?? ""])));
  }
}
