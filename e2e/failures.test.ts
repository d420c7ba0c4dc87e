import { describe, expect, test } from "vitest";
import { failureList, playwrightFailures, vitestFailures } from "./failures";

describe("the failed tests of Vitest", () => {
  const file = (assertionResults: object[], more = {}) => ({
    testResults: [{ name: "/work/main/lib/a.test.ts", status: "failed", assertionResults, ...more }],
  });
  const passed = { status: "passed", ancestorTitles: [], title: "fine", failureMessages: [] };

  test("are named by file, block and title, with the first lines of why", () => {
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

  test("count a file that failed as a whole", () => {
    expect(vitestFailures(file([], { message: "\nError: no PostgreSQL\n  at y" }), "/work/main")).toEqual([
      { name: "lib/a.test.ts", reason: "Error: no PostgreSQL" },
    ]);
  });

  test("are none where all passed, or where there is no report", () => {
    expect(vitestFailures(file([passed], { status: "passed" }), "/work/main")).toEqual([]);
    expect(vitestFailures({}, "/work/main")).toEqual([]);
  });
});

describe("the failed tests of Playwright", () => {
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

  test("are found at every depth, flaky ones included", () => {
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

  test("count what went wrong outside of any", () => {
    expect(playwrightFailures({ errors: [{ message: "Error: no server\n at z" }] })).toEqual([
      { name: "e2e", reason: "Error: no server" },
    ]);
    expect(playwrightFailures({})).toEqual([]);
  });
});

test("the list has a failure's name and, below it, why; it is nothing without any", () => {
  expect(failureList([])).toBe("");
  expect(failureList([{ name: "a › b", reason: "Error: c\nseed: 7" }])).toBe(
    "  ✗ a › b\n      Error: c\n      seed: 7\n",
  );
});

test("a long reason is cut, in lines and in each line", () => {
  const { reason } = playwrightFailures({ errors: [{ message: `${"x".repeat(999)}\n`.repeat(9) }] })[0] ?? {};
  expect(reason).toBe(Array(4).fill("x".repeat(300)).join("\n"));
  expect(playwrightFailures({ errors: [{ message: "\n" }] })).toEqual([
    { name: "e2e", reason: "(it says nothing)" },
  ]);
});
