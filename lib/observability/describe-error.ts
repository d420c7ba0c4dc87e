export type DescribedError = {
  type: string;
  message: string;
  code?: string;
  at?: string[];
  cause?: DescribedError;
};

/**
 * Describes an error for the log without sensitive data: Drizzle puts the parameters of a failed query (hashes,
 * addresses, ciphertexts) into the message, and the stack repeats the message.
 * @returns the name, the message, the code if any, the stack frames and up to three causes
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
