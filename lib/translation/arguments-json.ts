import { keptIn, restoredNumbers } from "#lib/dialects/text/kept-numbers";

/** Fields in which clients and providers have arguments and schemas: there, each digit of a number counts. */
export const EXACT_FIELDS = keptIn(
  "input",
  "arguments",
  "args",
  "action",
  "operation",
  "input_schema",
  "parameters",
  "schema",
);

/** The arguments of a call as JSON text, from where they are an object that was parsed with its numbers kept. */
export const argumentsJson = (value: unknown): string => restoredNumbers(JSON.stringify(value ?? {}));
