import { createHash, createHmac } from "node:crypto";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsKeys, AwsScope } from "#lib/providers/sign/sigv4";

/** A hash as AWS's packages construct it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : createHmac("sha256", typeof secret === "string" ? secret : bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);

type Signed = { method: string; url: string; headers: Record<string, string>; body: string };

/** The `authorization` that AWS's own package makes for a request, whose headers are all signed. */
export async function smithySignature(
  { method, url, headers, body }: Signed,
  { access_key_id, secret_access_key, session_token }: AwsKeys,
  { region, service }: AwsScope,
  now: Date,
): Promise<string | undefined> {
  const { hostname, protocol, pathname, searchParams } = new URL(url);
  const credentials = {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    ...(session_token !== undefined && { sessionToken: session_token }),
  };
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  const query = Object.fromEntries(
    [...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)]),
  );
  const request = { method, protocol, hostname, path: pathname, query, headers: { ...headers }, body };
  const signed = await signer.sign(request, { signingDate: now });
  return signed.headers.authorization;
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);

/** A frame of AWS's event stream with headers that are texts, as AWS's own package writes it. */
export function smithyFrame(headers: Readonly<Record<string, string>>, payload: string | Buffer): Buffer {
  const values = Object.entries(headers).map(([name, value]) => [name, { type: "string", value }] as const);
  return Buffer.from(codec.encode({ headers: Object.fromEntries(values), body: Buffer.from(payload) }));
}
