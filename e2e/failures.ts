import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** A test that failed: `suite file › name`, and the first lines of why. */
export type Failure = { name: string; reason: string };

/** As far as we read what Vitest's JSON reporter writes. */
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

/** The failed tests of Vitest, and the files that failed before any of their tests did. */
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

/** The tests of Playwright that failed or were flaky, and what went wrong outside of any. */
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

/** The list for the end of the output, since that is what a CI's record keeps; empty without failures. */
export function failureList(failures: readonly Failure[]): string {
  return failures.map(({ name, reason }) => `  ✗ ${name}\n${reason.replace(/^/gm, "      ")}\n`).join("");
}

/** Enough for what was expected and received, and for the seed of a property, which fails with it again. */
const MOST_LINES = 4;
const LONGEST_LINE = 300;

/** What an error says, before where it was thrown. */
function firstLines(text = ""): string {
  const [said = ""] = stripVTControlCharacters(text).split(/^\s+at /m);
  const lines = said.split("\n").flatMap((line) => line.trim().slice(0, LONGEST_LINE) || []);
  return lines.slice(0, MOST_LINES).join("\n") || "(it says nothing)";
}
