import { createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { serve } from "./exchange-harness";
import { asEvents, betaFault, faultIn, HOSTED_EVENTS, HOSTED_WHOLE } from "./hosted-claude";
import { serveTokens } from "./token-host";

export const VERTEX = { project: "acme-project-1", location: "europe-west1" };
const MODELS = `/v1/projects/${VERTEX.project}/locations/${VERTEX.location}/publishers/anthropic/models/`;
const RULES = { version: "vertex-2023-10-16", besides: ["stream", "context_management"] };
const BETAS = ["context-1m-2025-08-07", "interleaved-thinking-2025-05-14", "tool-search-tool-2025-10-19"];

const published = (publisher: string, model: string, versionId: string) => ({
  name: `publishers/${publisher}/models/${model}`,
  versionId,
});
/** Pages of Model Garden by their paths. */
const PUBLISHED: Readonly<Record<string, object>> = {
  "/v1beta1/publishers/google/models?pageSize=300": {
    publisherModels: [
      published("google", "gemini-3.5-flash", "default"),
      published("google", "chirp-2", "1"),
    ],
    nextPageToken: "a/b=",
  },
  "/v1beta1/publishers/google/models?pageSize=300&pageToken=a%2Fb%3D": {
    publisherModels: [published("google", "gemini-embedding-001", "default")],
  },
  "/v1beta1/publishers/anthropic/models?pageSize=300": {
    publisherModels: [
      published("anthropic", "claude-sonnet-4-5", "20250929"),
      published("anthropic", "claude-opus-4-6", "default"),
    ],
  },
};

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** The key file of a service account that no other test has, with all that Google's have. */
export const serviceAccount = () => ({
  type: "service_account",
  project_id: VERTEX.project,
  private_key_id: randomBytes(20).toString("hex"),
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  client_email: `gateway-${randomBytes(4).toString("hex")}@${VERTEX.project}.iam.gserviceaccount.com`,
  client_id: "123456789012345678901",
  auth_uri: "https://accounts.google.com/o/oauth2/auth",
  token_uri: "https://oauth2.googleapis.com/token",
  auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
  client_x509_cert_url: "https://www.googleapis.com/robot/v1/metadata/x509/gateway",
  universe_domain: "googleapis.com",
});

export type VertexSeen = { path: string; headers: IncomingMessage["headers"]; body: unknown };

/** Google's token server, which verifies the assertion's signature and claims. */
export async function serveGoogleTokens() {
  const account = serviceAccount();
  const tokens = await serveTokens(({ url, form }) => {
    const isRight =
      url === "/token" &&
      form.grant_type === "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
      isAssertion(form.assertion ?? "", account);
    if (!isRight) return [400, { error: "invalid_grant", error_description: "Invalid JWT Signature." }];
    return [200, { access_token: googleToken(tokens.asked.length), expires_in: 3599, token_type: "Bearer" }];
  });
  const isIssued = (authorization: string | undefined) =>
    tokens.asked.some((_, at) => authorization === `Bearer ${googleToken(at + 1)}`);
  return { account, tokens, isIssued };
}

/** A strict Vertex AI that serves Claude, and its token server. */
export async function serveVertex() {
  const { account, tokens, isIssued } = await serveGoogleTokens();
  const seen: VertexSeen[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, url = "" } = request;
    if (request.method === "GET") {
      const isKnown = isIssued(headers.authorization);
      const page = isKnown ? PUBLISHED[url] : googleError(401, "UNAUTHENTICATED", "Invalid credentials.");
      return send(response, isKnown ? (page === undefined ? 404 : 200) : 401, page ?? {});
    }
    const body = await json(request);
    seen.push({ path: url, headers, body });
    if (!isIssued(headers.authorization) || headers["x-api-key"] !== undefined)
      return send(response, 401, googleError(401, "UNAUTHENTICATED", "Request had invalid authentication."));
    const [, model = "", method = ""] = /^([\w@.-]+):(\w+)$/.exec(url.replace(MODELS, "")) ?? [];
    if (!url.startsWith(MODELS) || !/^(?:rawPredict|streamRawPredict)$/.test(method))
      return send(response, 404, googleError(404, "NOT_FOUND", `Publisher Model \`${url}\` was not found.`));
    const isStream = Reflect.get(Object(body), "stream") === true;
    const fault =
      model === "count-tokens"
        ? countFault(body)
        : (faultIn(body, RULES) ??
          betaFault(String(headers["anthropic-beta"] ?? BETAS).split(","), BETAS) ??
          (headers["anthropic-version"] === undefined ? null : "anthropic-version: is in the body") ??
          (isStream === (method === "streamRawPredict") ? null : "stream: does not match the method"));
    if (fault !== null)
      return send(response, 400, { type: "error", error: { type: "invalid_request_error", message: fault } });
    if (model === "count-tokens") return send(response, 200, { input_tokens: 14 });
    if (!isStream) {
      response.writeHead(200, { "content-type": "application/json" }).end(HOSTED_WHOLE);
      return;
    }
    response
      .writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
      .end(asEvents(HOSTED_EVENTS));
  }

  const url = await serve((request, response) => void answer(request, response));
  return { url, account, seen, tokens };
}

export const googleToken = (number: number) => `ya29.c.c0ASRK0Ga-google-token-${number}`;

function countFault(body: unknown): string | null {
  const fields: Record<string, unknown> = { ...Object(body) };
  if (typeof fields.model !== "string") return "model: Field required";
  return Array.isArray(fields.messages) ? null : "messages: Field required";
}

function isAssertion(assertion: string, account: ReturnType<typeof serviceAccount>): boolean {
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  const now = Date.now() / 1000;
  const { iss, scope, aud, iat, exp } = decoded(claims);
  const { alg, kid } = decoded(header);
  return (
    verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      createPublicKey(account.private_key),
      Buffer.from(signature, "base64url"),
    ) &&
    alg === "RS256" &&
    kid === account.private_key_id &&
    iss === account.client_email &&
    scope === "https://www.googleapis.com/auth/cloud-platform" &&
    aud === "https://oauth2.googleapis.com/token" &&
    iat <= now &&
    exp > now &&
    exp - iat <= 3600
  );
}

const googleError = (code: number, status: string, message: string) => ({ error: { code, message, status } });

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
