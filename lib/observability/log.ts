import "server-only";
import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { logLevelOfProcess } from "#lib/config/environment-of-process";
import { oncePerProcess } from "#lib/config/once-per-process";
import { describeError } from "./describe-error";

/** Names under which a secret could get into a log line by mistake, at the first two levels. */
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
];

export type { Logger };

/** How lines are written; apart from the stream, so that a test can read them. */
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
      // Without words of our own pino takes the error's message as it is, parameters included.
      logMethod(args, method) {
        const [first, words] = args;
        const error = first instanceof Error ? first : Reflect.get(Object(first), "err");
        if (error instanceof Error && words === undefined) {
          return method.call(this, { err: error }, describeError(error).message);
        }
        return method.apply(this, args);
      },
    },
  };
}

// Lines leave together, at the latest after a fifth of a second; what is left is written on exit.
const stdout = oncePerProcess("log-destination", () =>
  destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 200 }),
);

/**
 * The process's log: one JSON object a line on stdout. Requests are logged by id; bodies, prompts and
 * secrets never are.
 */
export const log: Logger = oncePerProcess("log", () => pino(logOptions(), stdout));

/** Writes whole lines that another process of ours has made, into the same stream. */
export function writeLines(lines: string): void {
  stdout.write(lines);
}

/** What is said of every request, and nothing else: its fields are fixed, so none has to be searched for secrets. */
export type RequestLine = {
  requestId: string;
  model: string;
  provider: string;
  status: number;
  code: string | null;
  latencyMs: number;
};

/** Writes the line of one request of the data plane: as pino would, without what its general case costs a request. */
export function logRequest({ requestId, model, provider, status, code, latencyMs }: RequestLine): void {
  if (!log.isLevelEnabled("info")) return;
  const time = new Date().toISOString();
  stdout.write(
    `${JSON.stringify({ level: "info", time, requestId, model, provider, status, code, latencyMs, msg: "request" })}\n`,
  );
}
