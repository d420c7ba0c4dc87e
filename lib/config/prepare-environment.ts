import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { completeEnvironment } from "./config";

/**
 * Prepares the environment of a process of ours: the mode of React and Next, and the variables of `.env.local` and
 * `.env`, as Next reads them. Overrides no variable that is set.
 */
export function prepareEnvironment(root: string, dev: boolean): void {
  Object.assign(process.env, {
    NODE_ENV: dev ? "development" : "production",
    // A gateway must not report what it does.
    NEXT_TELEMETRY_DISABLED: "1",
  });
  for (const name of [".env.local", ".env"]) {
    const file = join(root, name);
    if (!existsSync(file)) continue;
    const entries = Object.entries(parseEnv(readFileSync(file, "utf8")));
    completeEnvironment(Object.fromEntries(entries.map(([key, value]) => [key, value ?? ""])));
  }
}
