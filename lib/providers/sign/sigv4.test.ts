import fc from "fast-check";
import { expect, test } from "vitest";
import { smithySignature } from "#lib/providers/testing/smithy";
import type { RequestToSign } from "./signer";
import { type AwsKeys, awsSigner, escaped, signatureOf } from "./sigv4";

const KEYS: AwsKeys = {
  access_key_id: "AKIDEXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const SCOPE = { region: "us-east-1", service: "service" };
const NOW = new Date("2015-08-30T12:36:00Z");
const TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

const request = (change: Partial<RequestToSign>): RequestToSign => ({
  method: "GET",
  origin: "https://example.amazonaws.com",
  path: "/",
  contentType: null,
  body: "",
  ...change,
});
const FORM = "application/x-www-form-urlencoded";

/** AWS's own test suite (docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html, by its names). */
test.each<[string, Partial<RequestToSign>, string]>([
  ["get-vanilla", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["post-vanilla", { method: "POST" }, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  [
    "get-vanilla-query-order-key-case",
    { path: "/?Param2=value2&Param1=value1" },
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  ["get-utf8", { path: "/ሴ" }, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"],
  [
    "normalize-path/get-slashes",
    { path: "//example//" },
    "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
  ],
  [
    "normalize-path/get-relative",
    { path: "/example/.." },
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  ],
  [
    "post-x-www-form-urlencoded",
    { method: "POST", contentType: FORM, body: "Param1=value1" },
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
])("signs like AWS's test %s", (_, change, signature) => {
  const headers = signatureOf(request(change), KEYS, SCOPE, NOW);
  const names = change.contentType === undefined ? "host;x-amz-date" : "content-type;host;x-amz-date";
  expect(headers).toEqual([
    "x-amz-date",
    "20150830T123600Z",
    "authorization",
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  ]);
});

test("signs a session token like AWS's test post-sts-header-before", () => {
  const headers = signatureOf(request({ method: "POST" }), { ...KEYS, session_token: TOKEN }, SCOPE, NOW);
  expect(headers.slice(2, 4)).toEqual(["x-amz-security-token", TOKEN]);
  expect(headers.at(-1)).toMatch(
    /SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead$/,
  );
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
      const keys = session ? { ...KEYS, session_token: TOKEN } : KEYS;
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
