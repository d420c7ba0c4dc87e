import { describe, expect, test } from "vitest";
import { refuseForgery } from "./refuse-forgery";

const PORTAL = "https://tollgate.example.com";
const json = { "content-type": "application/json", "content-length": "2" };

const request = (method: string, headers: Record<string, string>) =>
  new Request(`${PORTAL}/api/admin/v1/users`, { method, headers });

const allowed = (method: string, headers: Record<string, string>, portalUrl?: string) => {
  refuseForgery(request(method, headers), portalUrl);
  return true;
};
const refused = expect.objectContaining({ code: "forbidden", status: 403 });

describe("a change that is made with a session", () => {
  test("passes when a page of the portal makes it", () => {
    const headers = { ...json, origin: PORTAL, host: "10.0.0.5:3000" };
    expect(allowed("POST", headers, PORTAL)).toBe(true);
    expect(allowed("POST", headers, `${PORTAL}/some/path`)).toBe(true);
  });

  test("passes when the page's host is the one that is asked, whatever the portal's name by setting", () => {
    const here = { ...json, origin: "http://192.168.1.5:3000", host: "192.168.1.5:3000" };
    expect(allowed("PATCH", here, "http://localhost:3000")).toBe(true);
    expect(allowed("PATCH", here)).toBe(true);
    const preview = { ...json, origin: "https://preview.vercel.app", host: "preview.vercel.app" };
    expect(allowed("PATCH", preview, PORTAL)).toBe(true);
  });

  test("passes without a body, as deleting has none", () => {
    expect(allowed("DELETE", { origin: PORTAL, host: "tollgate.example.com" }, PORTAL)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ["no origin", {}],
    ["a hidden origin", { origin: "null" }],
    ["an origin that is none", { origin: "tollgate.example.com" }],
    ["another host", { origin: "https://evil.example" }],
    ["a host that begins the same", { origin: "https://tollgate.example.com.evil.example" }],
    ["a sister host", { origin: "https://other.example.com" }],
    ["another port", { origin: "https://tollgate.example.com:8443" }],
    ["the same host without TLS", { origin: "http://tollgate.example.com" }],
    [
      "a host that only a header claims",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    ],
  ])("is refused with %s", (_what, headers) => {
    const all = { ...json, host: "tollgate.example.com", ...headers };
    for (const method of ["POST", "PATCH", "DELETE", "PUT"]) {
      expect(() => allowed(method, all, PORTAL)).toThrow(refused);
    }
  });

  test.each<[string, Record<string, string>]>([
    ["text", { "content-type": "text/plain", "content-length": "2" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded", "content-length": "0" }],
    ["something unnamed", { "content-length": "2" }],
    ["something unnamed of unknown length", { "transfer-encoding": "chunked" }],
    ["what only looks like JSON", { "content-type": "text/plain; application/json", "content-length": "2" }],
  ])("is refused when it sends %s, as a foreign form could", (_what, headers) => {
    const from = { origin: PORTAL, host: "tollgate.example.com", ...headers };
    expect(() => allowed("POST", from, PORTAL)).toThrow(refused);
  });

  test("is not what reading is", () => {
    expect(allowed("GET", {}, PORTAL)).toBe(true);
    expect(allowed("HEAD", { origin: "https://evil.example" }, PORTAL)).toBe(true);
  });
});
