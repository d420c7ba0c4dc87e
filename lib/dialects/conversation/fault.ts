import { unsupported } from "#lib/dialects/bounds/param-of";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import type { ApiError } from "#lib/http/api-error";
import { cachedTooLong, keptAtProvider } from "./unsupported";

/** What is wrong with a value, and where in it (`.content[0].type`). */
export type Fault = { at: string; error: (param: string) => ApiError };
/** Undefined for a valid value. */
export type Verdict = Fault | undefined;

export const wrong = (at: string, what: string): Fault => ({
  at,
  error: (param) => invalidField(param, what),
});
export const kept = (at: string): Fault => ({ at, error: keptAtProvider });
export const unsupportedHere = (at: string, why: string): Fault => ({
  at,
  error: (param) => unsupported(param, why),
});
export const TOO_LONG: Fault = { at: ".cache_control", error: cachedTooLong };

export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
export const isNothing = (value: unknown) => value === undefined || value === null;
