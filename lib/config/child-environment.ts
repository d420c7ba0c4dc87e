/** What every program needs. The rest, above all our secrets, stays with us. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"];

/** This process's whole environment with `changes`: for a child that does our own work, such as a build. */
export function inheritedEnvironment(changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** The environment for a child process: only what every program needs, plus `extra`. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) passed[name] = value;
  }
  // Next's types require NODE_ENV.
  return { NODE_ENV: process.env.NODE_ENV, ...passed, ...extra };
}
