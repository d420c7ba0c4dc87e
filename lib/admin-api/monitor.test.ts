import { expect, test } from "vitest";
import { isMonitor } from "./monitor";

const TOKEN = "metrics-token-0123";
const request = (authorization?: string) =>
  new Request(
    "http://tollgate.test/health",
    authorization === undefined ? {} : { headers: { authorization } },
  );

test("knows METRICS_TOKEN as a bearer, and nothing else", () => {
  expect(isMonitor(request(`Bearer ${TOKEN}`), TOKEN)).toBe(true);
  for (const other of [
    undefined,
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    "Bearer undefined",
    "Bearer ",
  ]) {
    expect(isMonitor(request(other), TOKEN), other).toBe(false);
  }
});
