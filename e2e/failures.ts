import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** A failed test: `file › suite › name`, and the first lines of its error. */
export type Failure = { name: string; reason: string };

/** The fields that are read from the report of Vitest's JSON reporter. */
const VitestReport = z.object({
  testResults: z
    .array(
      z.object({
        name: z.string(),
        status: z.string(),
        message: z.string().optional(),
        assertionResults: z.array(
          z.object({
            status: z.string(),
            ancestorTitles: z.array(z.string()),
            title: z.string(),
            failureMessages: z.array(z.string()).nullish(),
          }),
        ),
      }),
    )
    .default([]),
});

/** The failed tests of Vitest, and the files that failed before their tests ran. */
export function vitestFailures(report: unknown, root: string): Failure[] {
  const { data } = VitestReport.safeParse(report);
  return (data?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && status === "failed") return [{ name: file, reason: firstLines(message) }];
    return failed.map(({ ancestorTitles, title, failureMessages }) => ({
      name: [file, ...ancestorTitles, title].join(" › "),
      reason: firstLines(failureMessages?.[0]),
    }));
  });
}

/** The tests that Vitest skipped, since this machine lacks what they need. */
export function vitestSkipped(report: unknown, root: string): string[] {
  const { data } = VitestReport.safeParse(report);
  return (data?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "skipped" || status === "pending")
      .map(({ ancestorTitles, title }) => [relative(root, name), ...ancestorTitles, title].join(" › ")),
  );
}

const PlaywrightError = z.object({ message: z.string().optional() });
const PlaywrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  line: z.number(),
  tests: z.array(
    z.object({
      projectName: z.string(),
      status: z.string(),
      results: z.array(z.object({ error: PlaywrightError.optional() })),
    }),
  ),
});
type PlaywrightSuite = { specs?: z.output<typeof PlaywrightSpec>[]; suites?: PlaywrightSuite[] };
const PlaywrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  z.object({ specs: z.array(PlaywrightSpec).optional(), suites: z.array(PlaywrightSuite).optional() }),
);
const PlaywrightReport = z.object({
  suites: z.array(PlaywrightSuite).default([]),
  errors: z.array(PlaywrightError).default([]),
});

/** The failed and flaky tests of Playwright, and errors outside of tests. */
export function playwrightFailures(report: unknown): Failure[] {
  const { data } = PlaywrightReport.safeParse(report);
  const outside = (data?.errors ?? []).map(({ message }) => ({ name: "e2e", reason: firstLines(message) }));
  return [...outside, ...(data?.suites ?? []).flatMap(failuresIn)];
}

function failuresIn({ specs = [], suites = [] }: PlaywrightSuite): Failure[] {
  const own = specs.flatMap(({ title, file, line, tests }) =>
    tests
      .filter(({ status }) => status === "unexpected" || status === "flaky")
      .map(({ projectName, status, results }) => ({
        name: `[${projectName}] ${file}:${line} › ${title}${status === "flaky" ? " (flaky)" : ""}`,
        reason: firstLines(results.find(({ error }) => error)?.error?.message),
      })),
  );
  return [...own, ...suites.flatMap(failuresIn)];
}

/** The list for the end of the output, which a CI log keeps; empty without failures. */
export function failureList(failures: readonly Failure[]): string {
  return failures.map(({ name, reason }) => `  ✗ ${name}\n${reason.replace(/^/gm, "      ")}\n`).join("");
}

/** Enough for the expected and received values, and for the seed that reproduces a failed property. */
const MOST_LINES = 4;
const LONGEST_LINE = 300;

/** The message of an error, without its stack. */
function firstLines(text = ""): string {
  const [message = ""] = stripVTControlCharacters(text).split(/^\s+at /m);
  const lines = message.split("\n").flatMap((line) => line.trim().slice(0, LONGEST_LINE) || []);
  return lines.slice(0, MOST_LINES).join("\n") || "(no message)";
}
