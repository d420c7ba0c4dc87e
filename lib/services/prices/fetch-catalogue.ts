import { ApiError } from "#lib/http/api-error";
import { parseMembers } from "#lib/http/parse-members";
import { readWebBody } from "#lib/http/read-body";
import { CATALOGUE_LIMITS } from "./catalogue-limits";

const TIMEOUT_MS = 30_000;

/**
 * Fetches a LiteLLM catalogue. Errors name its host only: a URL may hold a token.
 * @throws ApiError upstream_error if it cannot be fetched, is larger than one that is sent to the Admin API may be, or
 * is not a JSON object
 */
export async function fetchCatalogue(url: string): Promise<Readonly<Record<string, unknown>>> {
  const address = new URL(url);
  try {
    const answer = await fetch(address, {
      headers: signIn(address),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new ApiError("upstream_error", `It answered ${answer.status}.`);
    // The length that its head names is of the compressed bytes.
    const whole = { body: answer.body, headers: new Headers(), arrayBuffer: () => answer.arrayBuffer() };
    return await parseMembers(await readWebBody(whole, CATALOGUE_LIMITS.bytes), CATALOGUE_LIMITS);
  } catch (cause) {
    const message = `The price catalogue at ${address.host} cannot be read. ${reasonOf(cause)}`;
    throw new ApiError("upstream_error", message, { cause });
  }
}

/** `fetch` takes no user and password from a URL. */
function signIn(address: URL): Record<string, string> {
  const { username, password } = address;
  if (username === "" && password === "") return {};
  address.username = "";
  address.password = "";
  const given = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(given).toString("base64")}` };
}

/** What went wrong, said of the catalogue. */
function reasonOf(cause: unknown): string {
  if (cause instanceof ApiError) return cause.message.replace(/^The request body/, "It");
  if (!(cause instanceof Error)) return "";
  if (cause.name === "TimeoutError") return `It took longer than ${TIMEOUT_MS / 1000} s.`;
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
