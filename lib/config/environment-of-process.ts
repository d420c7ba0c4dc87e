import "server-only";
import { type Environment, parseEnvironment } from "./environment";
import { foreignVariables } from "./foreign-variables";

/**
 * The environment as it is now. Only boot needs it; everything else uses `config()`.
 * @throws ConfigError naming every wrong variable
 */
export function environmentOfProcess(): Environment {
  return parseEnvironment(process.env);
}

/** Variables of other gateways that are set, with what to set instead. */
export const foreignVariablesOfProcess = (): readonly string[] => foreignVariables(process.env);

/** The log level. The log starts before the environment is checked, and must not fail on it. */
export function logLevelOfProcess(): Environment["LOG_LEVEL"] {
  const level = process.env.LOG_LEVEL;
  if (!level) return process.env.NODE_ENV === "test" ? "silent" : "info";
  try {
    return parseEnvironment({ LOG_LEVEL: level }).LOG_LEVEL;
  } catch {
    return "info";
  }
}
