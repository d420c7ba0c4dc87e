import "server-only";
import { type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { logLevelOfProcess } from "#lib/config/environment-of-process";
import { oncePerProcess } from "#lib/config/once-per-process";
import { describeError } from "./describe-error";
import { writeLines } from "./log-output";

/** Field names that may hold a secret by mistake, at the first two levels of a log line. */
const SECRET_NAMES = [
  "authorization",
  "cookie",
  "apiKey",
  "api_key",
  "key",
  "password",
  "secret",
  "token",
  "credentials",
  "authHeaders",
  "secrets",
];

export type { Logger };

/** The options of the log, without its stream, so that tests can capture the lines. */
export function logOptions(): LoggerOptions {
  return {
    level: logLevelOfProcess(),
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]),
      censor: "[redacted]",
    },
    hooks: {
      // Without a message, pino would log the error's own, including query parameters.
      logMethod(args, method) {
        const [first, message] = args;
        const error = first instanceof Error ? first : Reflect.get(Object(first), "err");
        if (error instanceof Error && message === undefined) {
          return method.call(this, { err: error }, describeError(error).message);
        }
        return method.apply(this, args);
      },
    },
  };
}

/**
 * The process's log: one JSON object per line on stdout, and in LOG_FILE_PATH. Requests are logged by id, never with
 * bodies, prompts or secrets.
 */
export const log: Logger = oncePerProcess("log", () => pino(logOptions(), { write: writeLines }));
