import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import nextConfig from "../../next.config";
import { BARE_PATHS, CLIENTS_PARTS, dataPlanePath, dataPlaneUrl, OWN_PARTS } from "./paths";

const client = () => true;
const browser = () => false;

describe("a URL", () => {
  test.each([
    ["/v1/chat/completions", "/chat/completions"],
    ["/v1/models/org%2Fname?x=1", "/models/org%2Fname"],
    ["/chat/completions", "/chat/completions"],
    ["/chat/completions?x=1", "/chat/completions"],
    ["/llm/v1/chat/completions", "/chat/completions"],
    ["/llm/v1/models/", "/models"],
    ["/me", "/me"],
    ["/v1/", "/"],
  ])("%s belongs to the data plane, where it means %s", (given, path) => {
    for (const who of [browser, client]) expect(dataPlaneUrl(given, who)).toBe(given);
    expect(dataPlanePath(given)).toBe(path);
  });

  test.each([
    ["/./v1/models?x=/../y", "/v1/models?x=/../y"],
    ["/keys/../v1/models", "/v1/models"],
    ["/keys/%2e%2E/chat/completions#x", "/chat/completions"],
    ["/keys/../llm/x", "/llm/x"],
  ])("%s is a detour to %s", (given, direct) => {
    for (const who of [browser, client]) expect(dataPlaneUrl(given, who)).toBe(direct);
  });

  test.each([
    "/v1",
    "/llm",
    "/llm/v1",
    "/llm/v2/x",
    "/llm/chat/completions",
    "/openai/v1/chat/completions",
    "/openai/deployments/gpt-5/chat/completions?api-version=1",
    "/anthropic/v1/messages",
    "/v2/chat/completions",
  ])("%s, where no page is, belongs to the data plane, which has no such endpoint", (given) => {
    for (const who of [browser, client]) expect(dataPlaneUrl(given, who)).toBe(given);
    expect(dataPlanePath(given)).toBe(given.split("?")[0]);
  });

  test.each([
    ["/models", "/models"],
    ["/models?x=1", "/models"],
    ["/models/org%2Fname", "/models/org%2Fname"],
    ["/me/x", "/me/x"],
    ["/chat/completions/x", "/chat/completions/x"],
    ["/responses/resp_1/input_items", "/responses/resp_1/input_items"],
  ])("%s belongs to the data plane as %s for a client with a credential only", (given, path) => {
    expect(dataPlaneUrl(given, client)).toBe(given);
    expect(dataPlaneUrl(given, browser)).toBeUndefined();
    expect(dataPlanePath(given)).toBe(path);
    // As Next rewrites it.
    expect(dataPlanePath(`/v1${given}`)).toBe(path);
  });

  test.each([
    "/",
    "/v10/x",
    "/v20/x",
    "/keys",
    "/modelsx",
    "/openai-x",
    "/metrics",
    "/chatx",
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
});

describe("Next", () => {
  test("has a route file for each first part of ours and each bare path, and a static one for each endpoint", () => {
    const routes = readdirSync("app", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("route.ts"))
      .filter((file) => readFileSync(`app/${file}`, "utf8").includes("#lib/gateway/"))
      .map((file) => `/${dirname(file)}`);
    const expected = [
      ...OWN_PARTS.map((part) => `/${part}/[[...path]]`),
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
    for (const path of [...OWN_PARTS.map((part) => `/${part}/x`), ...BARE_PATHS]) {
      expect(isPortal(path), path).toBe(false);
    }
    for (const path of ["/keys", "/metrics", "/chat/completions-of"]) expect(isPortal(path), path).toBe(true);
  });
});
