import { describe, expect, test } from "vitest";
import { comparisonWords, groupText, groupTitle, groupWords } from "./usage-words";

describe("a group of usage", () => {
  test("has a title", () => {
    expect(groupTitle("upstream_model")).toBe("Upstream model");
    expect(groupTitle("api_key")).toBe("API key");
    expect(groupTitle("metadata:team")).toBe("team");
    expect(groupWords("metadata:team").many).toBe("values of team");
  });

  test("shows its name, or says that it was deleted or is missing", () => {
    expect(groupText("user", "0190", "Ada")).toBe("Ada");
    expect(groupText("user", "0190", null)).toBe("Deleted user");
    expect(groupText("user", null, null)).toBe("No user");
    expect(groupText("model", "gpt-5", null)).toBe("gpt-5");
    expect(groupText("metadata:team", null, null)).toBe("No team");
    expect(groupText("metadata:team", "", null)).toBe("(empty)");
  });

  test("shows its time", () => {
    expect(groupText("day", "2026-03-14", null)).toBe("14 Mar 2026");
    expect(groupText("hour", "2026-03-14T06:00:00.000Z", null)).toBe("14 Mar 2026, 06:00");
  });
});

describe("the comparison with the days before", () => {
  const words = (spentUsd: string, beforeUsd: string, isPart = false) =>
    comparisonWords({ spentUsd, beforeUsd, isPart, beforeWords: "in the 7 days before" });

  test("says how much more or less was spent", () => {
    expect(words("112", "100")).toBe("12% more than in the 7 days before ($100.00)");
    expect(words("96.6", "100")).toBe("3.4% less than in the 7 days before ($100.00)");
    expect(words("0", "100")).toBe("100% less than in the 7 days before ($100.00)");
    expect(words("100", "100")).toBe("the same as in the 7 days before ($100.00)");
    expect(words("2500", "100")).toBe("25 times as much as in the 7 days before ($100.00)");
  });

  test("says so if nothing was spent before", () => {
    expect(words("5", "0")).toBe("after nothing in the 7 days before");
    expect(words("5", "0", true)).toBe("after nothing in the 7 days before");
    expect(words("0", "0")).toBe("as in the 7 days before");
  });

  test("says that it ends at the same time if the days have not ended", () => {
    expect(words("50", "100", true)).toBe(
      "50% less than in the 7 days before, up to the same time ($100.00)",
    );
  });
});
