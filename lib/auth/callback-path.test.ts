import { describe, expect, test } from "vitest";
import { callbackPath } from "./callback-path";

describe("the path after signing in", () => {
  test("is the requested page", () => {
    expect(callbackPath("/requests?status=held&range=7d")).toBe("/requests?status=held&range=7d");
    expect(callbackPath("/keys")).toBe("/keys");
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    "",
    "keys",
    "/sign-in?from=/sign-in",
  ])("is never another host: %j", (requested) => expect(callbackPath(requested)).toBe("/"));

  test("may be given as an absolute URL of the portal, as next-auth does", () => {
    const portal = "https://tollgate.example.com";
    expect(callbackPath(`${portal}/keys?tag=x`, portal)).toBe("/keys?tag=x");
    expect(callbackPath(`${portal}/keys`, `${portal}/`)).toBe("/keys");
    for (const requested of [
      `${portal}.evil.example/keys`,
      `${portal}//evil.example`,
      "https://evil.example/keys",
      portal,
    ]) {
      expect(callbackPath(requested, portal)).toBe("/");
    }
    expect(callbackPath(`${portal}/keys`)).toBe("/");
  });

  test("is the overview if not given as one string", () => {
    expect(callbackPath(undefined)).toBe("/");
    expect(callbackPath(["/keys", "/requests"])).toBe("/");
  });
});
