import { expect, test } from "vitest";
import { answerDifferences } from "./testing/answer-differences";
import { ANSWERS } from "./testing/answers";
import { isKnown, knownIn, nameOf, unknownRows } from "./testing/known";
import { readByUs } from "./testing/readings";

const KNOWN = knownIn("Answers");

test.each(ANSWERS)("the answer on the wire $wire is read as the AI SDK reads it: $name", async (answer) => {
  expect(unknownRows(await answerDifferences(answer), KNOWN)).toEqual([]);
});

test("each known difference of answers still occurs", async () => {
  const all = (await Promise.all(ANSWERS.map(answerDifferences))).flat();
  const gone = KNOWN.filter((known) => !all.some((one) => isKnown(one, known)));
  expect(gone.map(nameOf)).toEqual([]);
});

test("the answers say all that is compared", () => {
  for (const wire of new Set(ANSWERS.map((answer) => answer.wire))) {
    const readings = ANSWERS.filter((answer) => answer.wire === wire).map((answer) => readByUs(answer, true));
    expect(readings.some(({ text }) => text !== "")).toBe(true);
    expect(readings.some(({ reasoning }) => reasoning !== "")).toBe(true);
    expect(readings.some(({ calls }) => calls.length === 2)).toBe(true);
    expect(readings.some(({ usage }) => (usage?.cached ?? 0) > 0)).toBe(true);
    expect(new Set(readings.map(({ finish }) => finish)).size).toBeGreaterThan(2);
  }
});
