import { describe, expect, test } from "vitest";
import { callbackPath } from "./callback-path";

describe("after signing in", () => {
  test("one comes back to the page that was asked for", () => {
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
  ])("and never to another host: %j", (asked) => expect(callbackPath(asked)).toBe("/"));

  test("takes a whole address of the portal itself, which is how next-auth asks", () => {
    const portal = "https://tollgate.example.com";
    expect(callbackPath(`${portal}/keys?tag=x`, portal)).toBe("/keys?tag=x");
    expect(callbackPath(`${portal}/keys`, `${portal}/`)).toBe("/keys");
    for (const asked of [
      `${portal}.evil.example/keys`,
      `${portal}//evil.example`,
      "https://evil.example/keys",
      portal,
    ]) {
      expect(callbackPath(asked, portal)).toBe("/");
    }
    expect(callbackPath(`${portal}/keys`)).toBe("/");
  });

  test("nor to what is not one text", () => {
    expect(callbackPath(undefined)).toBe("/");
    expect(callbackPath(["/keys", "/requests"])).toBe("/");
  });
});
