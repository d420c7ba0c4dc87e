/** What a program needs to run at all. Nothing else of ours is its business, least of all our secrets. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"];

/** The environment for a program that we start: a path and a place for temporary files, plus `extra`. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) passed[name] = value;
  }
  // Next's types ask for NODE_ENV in every environment.
  return { NODE_ENV: process.env.NODE_ENV, ...passed, ...extra };
}
