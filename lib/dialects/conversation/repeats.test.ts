import { describe, expect, test } from "vitest";
import { cpuRatio } from "#lib/testing/promptness";
import { repeatsIn } from "./repeats";

const user = (content: unknown) => ({ role: "user", content });
const sameAsLast = (...contents: unknown[]) => repeatsIn(contents.map(user), {}, 0).sameUserMessages;

describe("messages of a user", () => {
  test.each([
    ["the same text", 2, ["Go on.", "Go on.", "Go on."]],
    ["other white space", 3, ["Go on.", " Go\non. ", "Goon.", "\tGo on."]],
    ["parts that a server joins", 1, [[{ text: "Go " }, { text: "on." }], "Go on."]],
    ["no text but white space", 1, [" \n", ""]],
    ["the beginning of the last", 0, ["Go", "Go on."]],
    ["more than the last", 0, ["Go on. Now.", "Go on."]],
    ["another text", 0, ["Go up.", "Go on."]],
    ["no other message", 0, ["Go on."]],
  ])("equal the last or not: %s", (_, count, contents) => {
    expect(sameAsLast(...contents)).toBe(count);
  });

  test("are compared with the last in time that grows with the body alone", async () => {
    const others = Array.from({ length: 4_000 }, () => "b");
    const spaces = " ".repeat(50_000);
    const ratio = await cpuRatio(
      () => sameAsLast(...others, `${spaces}a`),
      () => sameAsLast(...others, `a${spaces}`),
    );
    expect(ratio).toBeLessThan(10);
  });
});
