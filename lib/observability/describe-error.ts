export type DescribedError = {
  type: string;
  message: string;
  code?: string;
  at?: string[];
  cause?: DescribedError;
};

/**
 * An error for the log, without what must not be there: Drizzle writes a failed query's parameters (hashes,
 * addresses, ciphertexts) into its message, and a stack repeats the message.
 * @returns the name, the message, a code where there is one, where it was thrown, and up to three causes
 */
export function describeError(error: unknown, depth = 3): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, 500) };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: error.name,
    message: error.message.split("\nparams: ")[0]?.slice(0, 2000) ?? "",
    ...("code" in error && error.code !== undefined ? { code: String(error.code) } : {}),
    ...(frames.length > 0 ? { at: frames.slice(0, 12).map((line) => line.trim().slice(3)) } : {}),
    ...(error.cause !== undefined && depth > 0 ? { cause: describeError(error.cause, depth - 1) } : {}),
  };
}
