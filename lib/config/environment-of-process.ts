import "server-only";
import { type Environment, parseEnvironment } from "./environment";

/**
 * The environment as it is now. Only boot needs it; everything after asks `config()`, which boot completes.
 * @throws ConfigError naming every variable that is wrong
 */
export function environmentOfProcess(): Environment {
  return parseEnvironment(process.env);
}

/** How much to log: the log starts before the rest of the environment is checked, and must not fail on it. */
export function logLevelOfProcess(): Environment["LOG_LEVEL"] {
  const level = process.env.LOG_LEVEL;
  if (!level) return process.env.NODE_ENV === "test" ? "silent" : "info";
  try {
    return parseEnvironment({ LOG_LEVEL: level }).LOG_LEVEL;
  } catch {
    return "info";
  }
}
