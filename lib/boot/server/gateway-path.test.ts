import { describe, expect, test } from "vitest";
import { gatewayPath } from "./gateway-path";

describe("a request's path", () => {
  test.each([
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/models/org%2Fname?x=1", "/v1/models/org%2Fname?x=1"],
    ["/chat/completions", "/v1/chat/completions"],
    ["/chat/completions?x=1", "/v1/chat/completions?x=1"],
    ["/llm/v1/chat/completions", "/v1/chat/completions"],
    ["/llm/v1/models", "/v1/models"],
    ["/./v1/models?x=/../y", "/v1/models?x=/../y"],
    ["/keys/../v1/models", "/v1/models"],
    ["/keys/%2e%2E/chat/completions#x", "/v1/chat/completions"],
  ])("%s goes to the gateway as %s", (given, expected) => {
    expect(gatewayPath(given)).toBe(expected);
  });

  test.each([
    "/",
    "/v1",
    "/v10/x",
    "/keys",
    "/chat",
    "/chat/completionsx",
    "/chat/completions/x",
    "/llm/v2/x",
    "/api/v1/x",
    "//v1/models",
    "//keys/../v1/models",
    "/\\v1/models",
    "http://elsewhere/v1/models",
    "*",
    "",
  ])("%s goes to the portal", (given) => {
    expect(gatewayPath(given)).toBeUndefined();
  });
});
