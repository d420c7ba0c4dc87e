import "server-only";
import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { logLevelOfProcess } from "#lib/config/environment-of-process";
import { oncePerProcess } from "#lib/config/once-per-process";
import { describeError } from "./describe-error";

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

// Lines are written in batches, at least every 200 ms; the rest is written on exit.
const stdout = oncePerProcess("log-destination", () =>
  destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 200 }),
);

/**
 * The process's log: one JSON object per line on stdout. Requests are logged by id, never with bodies, prompts
 * or secrets.
 */
export const log: Logger = oncePerProcess("log", () => pino(logOptions(), stdout));

/** Writes complete lines of another Tollgate process into the same stream. */
export function writeLines(lines: string): void {
  stdout.write(lines);
}

/** The log line of a request. Its fields are fixed, so none needs a check for secrets. */
export type RequestLine = {
  requestId: string;
  model: string;
  provider: string;
  status: number;
  code: string | null;
  latencyMs: number;
};

let second = { startMs: Number.NEGATIVE_INFINITY, iso: "" };

/** What `toISOString` writes, of which most is known from the request before. */
export function isoTime(ms: number): string {
  if (!(ms >= second.startMs && ms < second.startMs + 1000)) {
    const startMs = Math.floor(ms / 1000) * 1000;
    second = { startMs, iso: new Date(startMs).toISOString().slice(0, -"000Z".length) };
  }
  return `${second.iso}${String(ms - second.startMs).padStart(3, "0")}Z`;
}

/** Logs a request of the data plane as pino would, without the cost of pino's general case. */
export function logRequest({ requestId, model, provider, status, code, latencyMs }: RequestLine): void {
  if (!log.isLevelEnabled("info")) return;
  const time = isoTime(Date.now());
  stdout.write(
    `${JSON.stringify({ level: "info", time, requestId, model, provider, status, code, latencyMs, msg: "request" })}\n`,
  );
}
