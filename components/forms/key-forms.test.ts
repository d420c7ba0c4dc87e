import { describe, expect, it } from "vitest";
import { expiryToIso } from "./expiry-field";
import { snippets } from "./snippets";

const NOW = Date.parse("2026-03-14T12:00:00.000Z");

describe("when something expires", () => {
  it("is never, some days from now, or the end of a day in UTC", () => {
    expect(expiryToIso({ choice: "never", date: "" }, NOW)).toBeNull();
    expect(expiryToIso({ choice: "7", date: "" }, NOW)).toBe("2026-03-21T12:00:00.000Z");
    expect(expiryToIso({ choice: "date", date: "2026-03-31" }, NOW)).toBe("2026-04-01T00:00:00.000Z");
  });

  it("without a day chosen is not an instant, which the server answers at the field", () => {
    expect(expiryToIso({ choice: "date", date: "" }, NOW)).toBe("");
  });
});

describe("snippets", () => {
  it("name this portal, the key and the model in every language", () => {
    const all = snippets({ origin: "https://gate.example", apiKey: "tg_live_x", model: "gpt-5-mini" });
    expect(all.map((snippet) => snippet.label)).toEqual(["Python", "Node", "curl"]);
    for (const { code } of all) {
      expect(code).toContain("https://gate.example/v1");
      expect(code).toContain("tg_live_x");
      expect(code).toContain("gpt-5-mini");
    }
  });
});
