import { describe, expect, test } from "vitest";
import { failureList, playwrightFailures, vitestFailures, vitestSkipped } from "./failures";

describe("vitestFailures", () => {
  const file = (assertionResults: object[], more = {}) => ({
    testResults: [{ name: "/work/main/lib/a.test.ts", status: "failed", assertionResults, ...more }],
  });
  const passed = { status: "passed", ancestorTitles: [], title: "fine", failureMessages: [] };

  test("names a test by file, block and title, with the first lines of its error", () => {
    const report = file([
      passed,
      {
        status: "failed",
        ancestorTitles: ["a lock", "that is old"],
        title: "is taken over",
        failureMessages: [
          "\u001b[31mAssertionError: expected 'zombie' to be 'gone'\u001b[39m\n\n  seed: 7\n    at x.ts:1\n    at y",
          "more",
        ],
      },
    ]);
    expect(vitestFailures(report, "/work/main")).toEqual([
      {
        name: "lib/a.test.ts › a lock › that is old › is taken over",
        reason: "AssertionError: expected 'zombie' to be 'gone'\nseed: 7",
      },
    ]);
  });

  test("includes a file that failed before its tests ran", () => {
    expect(vitestFailures(file([], { message: "\nError: no PostgreSQL\n  at y" }), "/work/main")).toEqual([
      { name: "lib/a.test.ts", reason: "Error: no PostgreSQL" },
    ]);
  });

  test("is empty if every test passed, and without a report", () => {
    expect(vitestFailures(file([passed], { status: "passed" }), "/work/main")).toEqual([]);
    expect(vitestFailures({}, "/work/main")).toEqual([]);
  });
});

test("vitestSkipped names the skipped tests", () => {
  const result = (status: string, title: string) => ({ status, ancestorTitles: ["a block"], title });
  const assertionResults = [result("passed", "runs"), result("skipped", "needs fish")];
  const report = { testResults: [{ name: "/repo/lib/a.test.ts", status: "passed", assertionResults }] };
  expect(vitestSkipped(report, "/repo")).toEqual(["lib/a.test.ts › a block › needs fish"]);
  expect(vitestSkipped({}, "/repo")).toEqual([]);
});

describe("playwrightFailures", () => {
  const spec = (title: string, status: string, messages: (string | undefined)[]) => ({
    title,
    file: "portal/keys.spec.ts",
    line: 7,
    tests: [
      {
        projectName: "portal",
        status,
        results: messages.map((message) => (message === undefined ? {} : { error: { message } })),
      },
    ],
  });

  test("finds failed and flaky tests at every depth", () => {
    const report = {
      suites: [
        {
          specs: [
            spec("passes", "expected", [undefined]),
            spec("fails", "unexpected", ["Error: not visible\nLocator: h1"]),
          ],
          suites: [{ specs: [spec("wavers", "flaky", ["Error: too late", undefined])] }],
        },
      ],
    };
    expect(playwrightFailures(report)).toEqual([
      { name: "[portal] portal/keys.spec.ts:7 › fails", reason: "Error: not visible\nLocator: h1" },
      { name: "[portal] portal/keys.spec.ts:7 › wavers (flaky)", reason: "Error: too late" },
    ]);
  });

  test("includes errors outside of tests", () => {
    expect(playwrightFailures({ errors: [{ message: "Error: no server\n at z" }] })).toEqual([
      { name: "e2e", reason: "Error: no server" },
    ]);
    expect(playwrightFailures({})).toEqual([]);
  });
});

test("lists each failure with its reason below; is empty without failures", () => {
  expect(failureList([])).toBe("");
  expect(failureList([{ name: "a › b", reason: "Error: c\nseed: 7" }])).toBe(
    "  ✗ a › b\n      Error: c\n      seed: 7\n",
  );
});

test("cuts a long reason, in lines and in each line", () => {
  const { reason } = playwrightFailures({ errors: [{ message: `${"x".repeat(999)}\n`.repeat(9) }] })[0] ?? {};
  expect(reason).toBe(Array(4).fill("x".repeat(300)).join("\n"));
  expect(playwrightFailures({ errors: [{ message: "\n" }] })).toEqual([
    { name: "e2e", reason: "(no message)" },
  ]);
});
