import { z } from "zod";
import { CliError, EXIT, type ExitCode } from "#lib/cli/failure";

/**
 * Sends a request and returns a successful response.
 * @throws CliError with the fitting exit code otherwise
 */
export async function send(address: URL, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    // A redirect would turn a POST into a GET and could send the token to another host.
    answer = await fetch(address, { ...init, redirect: "manual" });
  } catch (error) {
    throw unreachable(address, error);
  }
  if (answer.ok) return answer;
  throw await failureOf(address, answer);
}

const ErrorBody = z.looseObject({
  error: z.looseObject({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }),
});

async function failureOf(address: URL, answer: Response): Promise<CliError> {
  const { status } = answer;
  const location = answer.headers.get("location");
  if (status < 400) {
    const to = location === null ? "elsewhere" : `to ${new URL(location, address).origin}`;
    return new CliError(`${address.origin} redirects ${to}.`, EXIT.unreachable, {
      hint: "Pass that address as --url.",
    });
  }
  const text = await answer.text().catch(() => "");
  const body = errorBodyIn(text);
  if (body === null) {
    return new CliError(
      `${address.origin} answered ${status}, but it is not a Tollgate server.`,
      status >= 500 ? EXIT.failed : EXIT.unreachable,
      { hint: "Check --url: it must be the address of the portal." },
    );
  }
  const { message, param } = body.error;
  const requestId = answer.headers.get("x-request-id");
  const named = param && !message.includes(param) ? `${param}: ${message}` : message;
  return new CliError(named, exitCodeOf(status), {
    hint: hintOf(status, address, answer.headers.get("retry-after"), requestId),
    body,
    status,
  });
}

function errorBodyIn(text: string): z.output<typeof ErrorBody> | null {
  try {
    const json: unknown = JSON.parse(text);
    return ErrorBody.safeParse(json).data ?? null;
  } catch {
    return null;
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 400) return EXIT.usage;
  if (status === 401 || status === 403) return EXIT.denied;
  return status === 404 ? EXIT.notFound : EXIT.failed;
}

function hintOf(
  status: number,
  address: URL,
  retryAfter: string | null,
  requestId: string | null,
): string | undefined {
  if (status === 401 && address.pathname.includes("/api/admin/")) {
    return `Pass another token with --token or TOLLGATE_TOKEN, or sign in again:  npx tollgate login --url ${address.origin} --token TOKEN`;
  }
  if (status === 401)
    return "Pass another key with --key or TOLLGATE_API_KEY, or create one with npx tollgate key create.";
  if (status === 429 && retryAfter) return `Try again in ${retryAfter} seconds.`;
  if (status >= 500 && requestId) return `Search the server's log for ${requestId}.`;
  return undefined;
}

function unreachable(address: URL, error: unknown): CliError {
  if (error instanceof Error && error.name === "TimeoutError") {
    return new CliError(`${address.origin} did not answer in time.`, EXIT.unreachable);
  }
  if (error instanceof Error && error.name === "AbortError") throw error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why =
    code === "ECONNREFUSED"
      ? "connection refused"
      : code === "ENOTFOUND"
        ? "unknown host"
        : cause instanceof Error
          ? cause.message
          : String(cause);
  return new CliError(`${address.origin} cannot be reached: ${why}.`, EXIT.unreachable, {
    hint: "Check that the server is running (npm start) and that --url is right.",
  });
}
