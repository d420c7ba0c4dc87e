import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import nextConfig from "../../next.config";
import { BARE_PATHS, CLIENTS_PARTS, dataPlanePath, dataPlaneUrl, PREFIXES } from "./paths";

const client = () => true;
const browser = () => false;

describe("a URL", () => {
  test.each([
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/models/org%2Fname?x=1", "/v1/models/org%2Fname?x=1"],
    ["/chat/completions", "/v1/chat/completions"],
    ["/chat/completions?x=1", "/v1/chat/completions?x=1"],
    ["/llm/v1/chat/completions", "/v1/chat/completions"],
    ["/llm/v1/models", "/v1/models"],
    ["/./v1/models?x=/../y", "/v1/models?x=/../y"],
    ["/keys/../v1/models", "/v1/models"],
    ["/me", "/v1/me"],
    ["/keys/%2e%2E/chat/completions#x", "/v1/chat/completions"],
  ])("%s belongs to the data plane as %s", (given, expected) => {
    expect(dataPlaneUrl(given, browser)).toBe(expected);
    expect(dataPlaneUrl(given, client)).toBe(expected);
  });

  test.each([
    ["/models", "/v1/models"],
    ["/models?x=1", "/v1/models?x=1"],
    ["/models/org%2Fname", "/v1/models/org%2Fname"],
    ["/me/x", "/v1/me/x"],
    ["/chat/completions/x", "/v1/chat/completions/x"],
    ["/responses/resp_1/input_items", "/v1/responses/resp_1/input_items"],
    ["/openai/v1/chat/completions", "/v1/openai/v1/chat/completions"],
    ["/anthropic/v1/messages", "/v1/anthropic/v1/messages"],
    ["/v2/chat/completions", "/v1/v2/chat/completions"],
  ])("%s belongs to the data plane as %s for a client with a credential only", (given, expected) => {
    expect(dataPlaneUrl(given, client)).toBe(expected);
    expect(dataPlaneUrl(given, browser)).toBeUndefined();
    expect(dataPlanePath(given)).toBe(dataPlanePath(expected));
  });

  test.each([
    "/",
    "/v1",
    "/v10/x",
    "/v20/x",
    "/keys",
    "/modelsx",
    "/metrics",
    "/chatx",
    "/llm/v2/x",
    "/api/v1/x",
    "//v1/models",
    "//keys/../v1/models",
    "/\\v1/models",
    "http://elsewhere/v1/models",
    "*",
    "",
  ])("%s belongs to the portal", (given) => {
    expect(dataPlaneUrl(given, client)).toBeUndefined();
  });

  test.each([
    ["/v1/chat/completions?x=1", "/chat/completions"],
    ["/llm/v1/models/", "/models"],
    ["/chat/completions", "/chat/completions"],
    ["/v1/", "/"],
  ])("%s has the path %s below /v1", (given, expected) => {
    expect(dataPlanePath(given)).toBe(expected);
  });
});

describe("Next", () => {
  test("has a route file for each prefix and each bare path, and a static one for each endpoint", () => {
    const routes = readdirSync("app", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("route.ts"))
      .filter((file) => readFileSync(`app/${file}`, "utf8").includes("#lib/gateway/"))
      .map((file) => `/${dirname(file)}`);
    const expected = [
      ...PREFIXES.map((prefix) => `${prefix}/[...path]`),
      // A static path costs Next a quarter less CPU than a catch-all.
      ...BARE_PATHS.map((path) => `/v1${path}`),
      ...BARE_PATHS,
    ];
    expect(routes.toSorted()).toEqual(expected.toSorted());
  });

  test("rewrites what is the API's for clients with a credential", async () => {
    const rewrites = await nextConfig.rewrites?.();
    const rules = Array.isArray(rewrites) ? [] : (rewrites?.beforeFiles ?? []);
    expect(rules.length).toBe(4);
    for (const { source, destination } of rules) {
      const [, parts = ""] = /^\/:first\((.*)\)\/:rest\*$/.exec(source) ?? [];
      expect(parts.split("|").toSorted()).toEqual(CLIENTS_PARTS.toSorted());
      expect(destination).toBe("/v1/:first/:rest*");
    }
    const bearer = rules.flatMap(({ has }) => has ?? []).find(({ key }) => key === "authorization");
    const isClient = (value: string) => new RegExp(`^${bearer?.value}$`).test(value);
    expect(["Bearer x", "bearer x", "Basic x"].map(isClient)).toEqual([true, true, false]);
  });

  test("sends the portal's security headers on no path of the data plane", async () => {
    const [portal] = (await nextConfig.headers?.()) ?? [];
    const isPortal = (path: string) => new RegExp(`^${portal?.source}$`).test(path);
    for (const path of [...PREFIXES.map((prefix) => `${prefix}/x`), ...BARE_PATHS]) {
      expect(isPortal(path), path).toBe(false);
    }
    for (const path of ["/keys", "/metrics", "/chat/completions-of"]) expect(isPortal(path), path).toBe(true);
  });
});
