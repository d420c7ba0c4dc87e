import { type NextRequest, NextResponse } from "next/server";
import { config as settings } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { HSTS, httpsReader, POLICY_HEADER, pagePolicy } from "#lib/http/page-security";

/**
 * Gives every page a policy with a nonce of its own, and HSTS if the portal is on https: on Vercel and in development.
 * Elsewhere the request has a policy already (stampEveryPage), at less cost.
 */
export function proxy(request: NextRequest): NextResponse {
  const { NODE_ENV } = settings();
  const isHttps = oncePerProcess("is-https", () => httpsReader(settings()));
  const policy = pagePolicy(NODE_ENV === "development");
  const headers = new Headers(request.headers);
  // From here Next takes the nonce for the scripts that it writes.
  headers.set(POLICY_HEADER, policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(POLICY_HEADER, policy);
  if (isHttps(request.headers)) response.headers.set("strict-transport-security", HSTS);
  return response;
}

/**
 * Only documents that a browser opens: what else Next answers has the strict policy of next.config.ts. The gateway is
 * left out, since Next copies the bodies of what comes here: its prefixes by path, and its aliases, which look like
 * pages, by the policy that stampEveryPage gives them, or else by JSON (app/proxied-pages.test.ts).
 */
export const config = {
  matcher: [
    {
      source: "/((?!_next/|api/|anthropic/|llm/|openai/|v1/|v2/|health$|livez$|metrics$|readyz$).*)",
      has: [{ type: "header", key: "accept", value: "(.*)text/html(.*)" }],
      missing: [
        { type: "header", key: "rsc" },
        { type: "header", key: "next-action" },
        { type: "header", key: "content-security-policy" },
        { type: "header", key: "content-type", value: "application/json(.*)" },
      ],
    },
  ],
};
