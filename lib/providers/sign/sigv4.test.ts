import fc from "fast-check";
import { expect, test } from "vitest";
import { SUITE } from "#lib/providers/testing/sigv4-suite";
import { smithySignature } from "#lib/providers/testing/smithy";
import type { RequestToSign } from "./signer";
import { type AwsKeys, awsSigner, escaped, signatureOf } from "./sigv4";

const KEYS: AwsKeys = {
  access_key_id: "AKIDEXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const SCOPE = { region: "us-east-1", service: "service" };
const NOW = new Date("2015-08-30T12:36:00Z");
const request = (change: Partial<RequestToSign>): RequestToSign => ({
  method: "GET",
  origin: "https://example.amazonaws.com",
  path: "/",
  contentType: null,
  body: "",
  ...change,
});
test("has all vectors", () => {
  expect(SUITE).toHaveLength(26);
});

test.each(SUITE)("signs like AWS's test $name", ({ name: _, token, signedHeaders, signature, ...change }) => {
  const keys = token === undefined ? KEYS : { ...KEYS, session_token: token };
  expect(signatureOf(request(change), keys, SCOPE, NOW)).toEqual([
    "x-amz-date",
    "20150830T123600Z",
    ...(token === undefined ? [] : ["x-amz-security-token", token]),
    "authorization",
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  ]);
});

test("signs whatever is sent as AWS's own package does", async () => {
  const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).map(escaped);
  const requests = fc.record({
    segments: fc.array(
      segment.filter((text) => !/^\.{1,2}$/.test(text)),
      { maxLength: 4 },
    ),
    body: fc.string({ unit: "grapheme", maxLength: 40 }),
    session: fc.boolean(),
    region: fc.constantFrom("us-east-1", "eu-central-1", "us-gov-west-1"),
    now: fc.date({ min: new Date("2020-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
    port: fc.constantFrom("", ":8443"),
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ segments, body, session, region, now, port }) => {
      const origin = `https://bedrock-runtime.${region}.amazonaws.com${port}`;
      const path = `/${segments.join("/")}`;
      const keys = session ? { ...KEYS, session_token: "AQoDYXdzEPT//////////wEXAMPLE==" } : KEYS;
      const scope = { region, service: "bedrock" };
      const contentType = "application/json";
      const signed = signatureOf({ method: "POST", origin, path, contentType, body }, keys, scope, now);
      const headers = { host: new URL(origin).host, "content-type": contentType };
      expect(signed.at(-1)).toBe(
        await smithySignature({ method: "POST", url: origin + path, headers, body }, keys, scope, now),
      );
    }),
  );
});

test("an id with colons and an ARN are escaped once in the path, and twice in what is signed", () => {
  const arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x-v1:0";
  expect(escaped(arn)).toBe(
    "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-x-v1%3A0",
  );
  expect(escaped("a!'()*b ~")).toBe("a%21%27%28%29%2Ab%20~");
});

test("a signature is not renewed: it is of its request", () => {
  const signer = awsSigner(KEYS, SCOPE);
  expect([signer.renew([]), signer.secrets()]).toEqual([false, []]);
});
