import { z } from "zod";
import { CliError, EXIT, type ExitCode } from "#lib/cli/failure";

/**
 * Sends a request and gives the answer, whose status is below 300.
 * @throws CliError for everything else, with the exit code that fits
 */
export async function send(address: URL, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    // A redirect would turn a POST into a GET, and could carry the token elsewhere.
    answer = await fetch(address, { ...init, redirect: "manual" });
  } catch (error) {
    throw unreachable(address, error);
  }
  if (answer.ok) return answer;
  throw await refused(address, answer);
}

const Refusal = z.looseObject({
  error: z.looseObject({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }),
});

async function refused(address: URL, answer: Response): Promise<CliError> {
  const { status } = answer;
  const location = answer.headers.get("location");
  if (status < 400) {
    const to = location === null ? "elsewhere" : `to ${new URL(location, address).origin}`;
    return new CliError(`${address.origin} redirects ${to}.`, EXIT.unreachable, {
      hint: "Use the address that it redirects to as --url.",
    });
  }
  const text = await answer.text().catch(() => "");
  const refusal = refusalIn(text);
  if (refusal === null) {
    return new CliError(
      `${address.origin} answered ${status}, and not as Tollgate does.`,
      status >= 500 ? EXIT.failed : EXIT.unreachable,
      { hint: "Is Tollgate there, and is --url right? It is the address of the portal." },
    );
  }
  const { message, param } = refusal.error;
  const requestId = answer.headers.get("x-request-id");
  const named = param && !message.includes(param) ? `${param}: ${message}` : message;
  return new CliError(named, exitCodeOf(status), {
    hint: hintOf(status, address, answer.headers.get("retry-after"), requestId),
    body: refusal,
    status,
  });
}

function refusalIn(text: string): z.output<typeof Refusal> | null {
  try {
    const json: unknown = JSON.parse(text);
    return Refusal.safeParse(json).data ?? null;
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
    return `Give another token by --token or TOLLGATE_TOKEN, or sign in anew:  npx tollgate login --url ${address.origin} --token TOKEN`;
  }
  if (status === 401)
    return "Give another key by --key or TOLLGATE_API_KEY; npx tollgate key create makes one.";
  if (status === 429 && retryAfter) return `Try again in ${retryAfter} s.`;
  if (status >= 500 && requestId) return `The server's log says more under ${requestId}.`;
  return undefined;
}

function unreachable(address: URL, error: unknown): CliError {
  if (error instanceof Error && error.name === "TimeoutError") {
    return new CliError(`${address.origin} does not answer.`, EXIT.unreachable);
  }
  if (error instanceof Error && error.name === "AbortError") throw error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why =
    code === "ECONNREFUSED"
      ? "nothing listens there"
      : code === "ENOTFOUND"
        ? "there is no such host"
        : cause instanceof Error
          ? cause.message
          : String(cause);
  return new CliError(`${address.origin} cannot be reached: ${why}.`, EXIT.unreachable, {
    hint: "Is the server running (npm start), and is --url right?",
  });
}
