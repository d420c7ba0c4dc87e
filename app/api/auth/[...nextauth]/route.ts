import { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { INVITE_COOKIE } from "#lib/auth/invite-cookie";
import { authOptions } from "#lib/auth/sign-in-options";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorResponse } from "#lib/http/api-error";
import { clientAddress } from "#lib/http/client-address";
import { MOST_SIGN_IN_BYTES } from "#lib/http/portal-bodies";
import { readWebBody, utf8Text } from "#lib/http/read-body";

type Context = { params: Promise<{ nextauth: string[] }> };

/** Creates the options per request, since there is no configuration at build time. */
async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  // There next-auth lets any browser write to our log.
  if (nextauth[0] === "_log") return new Response(null, { status: 404 });
  try {
    const throttled: { retryAfterS: number | null } = { retryAfterS: null };
    const options = authOptions({
      address: clientAddress(request.headers),
      userAgent: request.headers.get("user-agent"),
      invite: request.cookies.get(INVITE_COOKIE)?.value,
      onThrottled: (retryAfterS) => {
        throttled.retryAfterS = retryAfterS;
      },
    });
    const answer: Response = await NextAuth(await withSmallBody(request), context, options);
    // A form without JavaScript is redirected; a client that asked for JSON gets the status.
    if (throttled.retryAfterS === null || answer.status !== 401) return answer;
    const headers = new Headers(answer.headers);
    headers.set("retry-after", String(throttled.retryAfterS));
    return new Response(answer.body, { status: 429, headers });
  } catch (error) {
    if (error instanceof ApiError) return errorResponse(error, uuidv7());
    throw error;
  }
}

/**
 * next-auth itself reads without a limit.
 * @throws ApiError request_too_large, or invalid_request for a body that next-auth cannot read
 */
async function withSmallBody(request: NextRequest): Promise<NextRequest> {
  if (request.method !== "POST") return request;
  const body = utf8Text(await readWebBody(request, MOST_SIGN_IN_BYTES));
  const isJson = request.headers.get("content-type")?.includes("application/json");
  if (isJson && !isJsonObject(body)) {
    throw new ApiError("invalid_request", "The request body is not a JSON object.");
  }
  return new NextRequest(request.url, { method: "POST", headers: request.headers, body });
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

export { handle as GET, handle as POST };
