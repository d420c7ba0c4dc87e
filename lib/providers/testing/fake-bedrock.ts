import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "./exchange-harness";
import { betaFault, faultIn, HOSTED_EVENTS, HOSTED_WHOLE } from "./hosted-claude";
import { smithyFrame, smithySignature } from "./smithy";

export const REGION = "us-east-1";
export const MODEL_ID = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const RULES = { version: "bedrock-2023-05-31", besides: ["anthropic_beta"] };
const BETAS = ["context-1m-2025-08-07", "interleaved-thinking-2025-05-14", "tool-search-tool-2025-10-19"];
/** How long AWS takes a signature for. */
const MOST_SKEW_MS = 5 * 60_000;

/** Bedrock's counts, in the last event of a stream. */
const METRICS = {
  "amazon-bedrock-invocationMetrics": {
    inputTokenCount: 100,
    outputTokenCount: 15,
    invocationLatency: 900,
    firstByteLatency: 400,
    cacheReadInputTokenCount: 50,
    cacheWriteInputTokenCount: 0,
  },
};

/** The payloads of the events of a short message, as Bedrock has them. */
export const BEDROCK_EVENTS: readonly object[] = HOSTED_EVENTS.map((event, at) =>
  at === HOSTED_EVENTS.length - 1 ? { ...event, ...METRICS } : event,
);

/** An event in its frame, padded as Bedrock pads it. */
export const chunkFrame = (event: string): Buffer =>
  smithyFrame(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ bytes: Buffer.from(event).toString("base64"), p: "abcdefghijklmnopqrstuv" }),
  );

/** An error in a frame. */
export const exceptionFrame = (name: string, message: string): Buffer =>
  smithyFrame(
    { ":exception-type": name, ":content-type": "application/json", ":message-type": "exception" },
    JSON.stringify({ message, originalStatusCode: 500 }),
  );

export const framed = (events: readonly object[]): Buffer =>
  Buffer.concat(events.map((event) => chunkFrame(JSON.stringify(event))));

const profile = (id: string, name: string) => ({
  inferenceProfileId: id,
  inferenceProfileName: name,
  inferenceProfileArn: `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${id}`,
  status: "ACTIVE",
  type: "SYSTEM_DEFINED",
});

/** What there is to invoke, as AWS documents the two lists; the first has two pages. */
const LISTS: Readonly<Record<string, object>> = {
  "/inference-profiles?maxResults=1000": {
    inferenceProfileSummaries: [
      profile(MODEL_ID, "US Claude Sonnet 4.5"),
      profile("us.amazon.nova-pro-v1:0", "Nova"),
    ],
    nextToken: "page/2+==",
  },
  "/inference-profiles?maxResults=1000&nextToken=page%2F2%2B%3D%3D": {
    inferenceProfileSummaries: [profile("global.anthropic.claude-opus-4-6-v1", "Global Claude Opus 4.6")],
  },
  "/foundation-models?byInferenceType=ON_DEMAND&byOutputModality=TEXT": {
    modelSummaries: [
      {
        modelId: "anthropic.claude-3-haiku-20240307-v1:0",
        modelName: "Claude 3 Haiku",
        providerName: "Anthropic",
      },
      { modelId: "meta.llama3-8b-instruct-v1:0", modelName: "Llama 3", providerName: "Meta" },
    ],
  },
};

export type BedrockSeen = {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: unknown;
};
/** What to answer in place of a message: frames, or an error with its name. */
export type BedrockAnswer = { frames: readonly Buffer[] } | { status: number; name: string; message: string };

/** Keys that no other test has, and what AWS says to a request without a right signature of theirs, or the API key. */
export function bedrockKeys() {
  const keys = {
    access_key_id: `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secret_access_key: randomBytes(30).toString("base64"),
    session_token: randomBytes(60).toString("base64"),
  };
  const apiKey = `ABSK${randomBytes(40).toString("base64")}`;
  async function keyFault(
    request: IncomingMessage,
    url: string,
    body: string,
  ): Promise<[string, string] | null> {
    const { headers } = request;
    const { authorization = "" } = headers;
    if (authorization.startsWith("Bearer ")) {
      const isRight = authorization === `Bearer ${apiKey}` && headers["x-amz-date"] === undefined;
      return isRight
        ? null
        : ["AccessDeniedException", "Authentication failed: check that your API Key is valid."];
    }
    if (authorization === "") return ["MissingAuthenticationTokenException", "Missing Authentication Token"];
    if (!authorization.includes(`Credential=${keys.access_key_id}/`))
      return ["UnrecognizedClientException", "The security token included in the request is invalid."];
    const signed: Record<string, string> = {};
    for (const name of /SignedHeaders=([\w;-]+)/.exec(authorization)?.[1]?.split(";") ?? []) {
      if (!name.startsWith("x-amz-")) signed[name] = String(headers[name]);
    }
    const time = String(headers["x-amz-date"]).replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
    const now = new Date(time);
    if (!(Math.abs(now.getTime() - Date.now()) < MOST_SKEW_MS))
      return ["InvalidSignatureException", "Signature expired."];
    const scope = { region: REGION, service: "bedrock" };
    const { session_token, ...lasting } = keys;
    const used = headers["x-amz-security-token"] === undefined ? lasting : { ...lasting, session_token };
    const method = request.method ?? "";
    const expected = await smithySignature({ method, url, headers: signed, body }, used, scope, now);
    return expected === authorization
      ? null
      : [
          "InvalidSignatureException",
          "The request signature we calculated does not match the signature you provided.",
        ];
  }

  return { keys, apiKey, keyFault };
}

/** A strict Bedrock that serves Claude: it checks signatures with AWS's own package. */
export async function serveBedrock(instead: BedrockAnswer | null = null) {
  const { keys, apiKey, keyFault } = bedrockKeys();
  const seen: BedrockSeen[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = "", method = "", headers } = request;
    const sent = await text(request);
    const body: unknown = sent === "" ? null : JSON.parse(sent);
    seen.push({ method, path, headers, body });
    const fault = await keyFault(request, `http://${headers.host}${path}`, sent);
    if (fault !== null) return failAs(response, 403, ...fault);
    const list = method === "GET" ? LISTS[path] : undefined;
    if (list !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(list));
      return;
    }
    const [, id = "", operation = ""] = /^\/model\/([^/]+)\/([\w-]+)$/.exec(path) ?? [];
    if (operation === "converse")
      return failAs(response, 400, "ValidationException", "The messages are missing.");
    if (decodeURIComponent(id) !== MODEL_ID && !decodeURIComponent(id).startsWith("arn:aws:bedrock:"))
      return failAs(response, 400, "ValidationException", "The provided model identifier is invalid.");
    if (headers.accept !== "application/json")
      return failAs(response, 400, "ValidationException", "The provided accept type is not supported.");
    const betas: unknown = Reflect.get(Object(body), "anthropic_beta") ?? [];
    const broken =
      faultIn(body, RULES) ??
      (Array.isArray(betas) ? betaFault(betas, BETAS) : "anthropic_beta: Input should be a valid list") ??
      (headers["anthropic-version"] === undefined ? null : "anthropic-version: is in the body");
    if (broken !== null) return failAs(response, 400, "ValidationException", broken);
    if (instead !== null && "status" in instead)
      return failAs(response, instead.status, instead.name, instead.message);
    if (operation === "invoke") {
      response.writeHead(200, { "content-type": "application/json" }).end(HOSTED_WHOLE);
      return;
    }
    if (operation !== "invoke-with-response-stream")
      return failAs(response, 404, "UnknownOperationException", "Unknown operation.");
    response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
    for (const piece of instead?.frames ?? [framed(BEDROCK_EVENTS)]) response.write(piece);
    response.end();
  }

  const url = await serve((request, response) => void answer(request, response));
  return { url: url.replace(/\/v1$/, ""), keys, apiKey, seen };
}

/** An error as AWS answers it, with its name in a header. */
export function failAs(response: ServerResponse, status: number, name: string, message: string): void {
  const type = `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`;
  response
    .writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type })
    .end(JSON.stringify({ message }));
}
