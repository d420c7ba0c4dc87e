import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callbackPath } from "./callback-path";

const PORTAL = "https://tollgate.example.com";

describe("the path after signing in", () => {
  test("is the requested page", () => {
    expect(callbackPath("/requests?status=held&range=7d")).toBe("/requests?status=held&range=7d");
    expect(callbackPath("/keys")).toBe("/keys");
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/%2e%2e//evil.example",
    "/keys/../..//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.\t//evil.example",
    "/..\\\\evil.example",
    "/%5cevil.example",
    "/%2f/evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "//portal.invalid//evil.example",
    "//user:password@evil.example",
    "///evil.example",
    "/\u2028//evil.example/..//..//evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    " //evil.example",
    "",
    "keys",
    "/sign-in?from=/sign-in",
  ])("is never another host: %j", (requested) => {
    for (const portal of [undefined, PORTAL]) {
      const path = callbackPath(requested, portal);
      expect(new URL(path, PORTAL).origin).toBe(PORTAL);
      expect(path).not.toMatch(/^\/[/\\]/);
    }
  });

  test("stays in the portal for every text, as a browser resolves it", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."/ \\ // . .. \t \n \r @ : ? # % %2f %5c %2e %09 %00 ; evil.example https: http: data: javascript:".split(
          " ",
        ),
        " ",
        "\u0000",
        "\u3002",
        "\uff0f",
        "\ufeff",
        PORTAL,
        "keys",
        "sign-in",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    const crafted = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const requested = fc.oneof(
      crafted,
      crafted.map((text) => `/${text}`),
      crafted.map((text) => PORTAL + text),
    );
    fc.assert(
      fc.property(requested, fc.constantFrom(PORTAL, undefined), (text, portal) => {
        const path = callbackPath(text, portal);
        // Characters that a browser removes or a header cannot hold would change the meaning again.
        expect(path).toMatch(/^\/(?![/\\])[!-~]*$/);
        const opened = new URL(path, PORTAL);
        expect(opened.origin).toBe(PORTAL);
        expect(opened.username).toBe("");
        expect(callbackPath(path, portal)).toBe(path);
      }),
      { numRuns: 5_000 },
    );
  });

  test("may be given as an absolute URL of the portal, as next-auth does", () => {
    expect(callbackPath(`${PORTAL}/keys?tag=x`, PORTAL)).toBe("/keys?tag=x");
    expect(callbackPath(`${PORTAL}/keys`, `${PORTAL}/`)).toBe("/keys");
    for (const requested of [
      `${PORTAL}.evil.example/keys`,
      `${PORTAL}//evil.example`,
      `${PORTAL}@evil.example/`,
      "https://evil.example/keys",
      PORTAL,
    ]) {
      expect(callbackPath(requested, PORTAL)).toBe("/");
    }
    expect(callbackPath(`${PORTAL}/keys`)).toBe("/");
  });

  test("is the overview if not given as one string", () => {
    expect(callbackPath(undefined)).toBe("/");
    expect(callbackPath(["/keys", "/requests"])).toBe("/");
  });
});
