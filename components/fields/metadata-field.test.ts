import { expect, test } from "vitest";
import { metadataDraft, metadataFrom } from "./metadata-field";

test.each<Record<string, string>>([
  {},
  { team: "search" },
  { "a = b": "x: y", constructor: "", team: "Zoë" },
])("the draft of %j is saved as it was", (metadata) => {
  expect(metadataFrom(metadataDraft(metadata))).toEqual(metadata);
});

test("empty rows are left out, and a value without a name is sent to be rejected", () => {
  const row = (name: string, value: string) => ({ row: 0, name, value });
  expect(metadataFrom([row(" ", ""), row(" team ", " search ")])).toEqual({ team: "search" });
  expect(metadataFrom([row("", "search")])).toEqual({ "": "search" });
});
