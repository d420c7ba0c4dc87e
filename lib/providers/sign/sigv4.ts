import { createHash, createHmac } from "node:crypto";
import type { RequestToSign, Signer } from "./signer";

export type AwsKeys = { access_key_id: string; secret_access_key: string; session_token?: string };

/** What a signature is for. */
export type AwsScope = { region: string; service: string };

const ALGORITHM = "AWS4-HMAC-SHA256";

/** Signs requests to AWS. A signature is of one request and one moment: there is nothing to renew. */
export const awsSigner = (keys: AwsKeys, scope: AwsScope): Signer => ({
  sign: async (request) => signatureOf(request, keys, scope, new Date()),
  renew: () => false,
  secrets: () => [],
});

/**
 * The headers that sign a request with Signature Version 4: names and values, alternating
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). `host` and `content-type` are
 * signed as they are sent.
 */
export function signatureOf(
  request: RequestToSign,
  { access_key_id, secret_access_key, session_token }: AwsKeys,
  { region, service }: AwsScope,
  now: Date,
): string[] {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const own: [string, string][] = [["x-amz-date", time]];
  if (session_token !== undefined) own.push(["x-amz-security-token", session_token]);
  const signed: [string, string][] = [["host", new URL(request.origin).host], ...own];
  if (request.contentType !== null) signed.push(["content-type", request.contentType]);
  signed.sort(([one], [other]) => compared(one, other));
  const names = signed.map(([name]) => name).join(";");
  const [path = "", query = ""] = request.path.split("?", 2);
  const canonical = [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    hashOf(request.body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = [ALGORITHM, time, scope, hashOf(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${secret_access_key}`,
  );
  const signature = hmac(key, toSign).toString("hex");
  const authorization = `${ALGORITHM} Credential=${access_key_id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return [...own.flat(), "authorization", authorization];
}

/** A path without empty and dotted segments, and escaped once more than it is sent, as all services but S3 have it. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(escaped(segment));
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${end}`;
}

/** By the names first: a name may be the beginning of another. */
function canonicalQuery(query: string): string {
  if (query === "") return "";
  return [...new URLSearchParams(query)]
    .map(([name, value]) => [escaped(name), escaped(value)] as const)
    .sort(
      ([name, value], [otherName, otherValue]) => compared(name, otherName) || compared(value, otherValue),
    )
    .map((parameter) => parameter.join("="))
    .join("&");
}

/** By code units, as AWS sorts. */
const compared = (one: string, other: string) => (one < other ? -1 : Number(one > other));

/** Escapes all but RFC 3986's unreserved characters. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
