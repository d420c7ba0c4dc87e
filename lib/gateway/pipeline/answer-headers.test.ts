import { expect, test } from "vitest";
import { answerHeaders } from "./answer-headers";

const headersWith = (dropped: readonly string[]) =>
  answerHeaders(
    { hold: { id: "req-1" }, model: { name: "m" }, outputLimit: null, call: { dropped } },
    { target: { providerName: "simulated" } },
    "application/json",
    {},
  );

test("an answer names what was offered and left out, and has no such header otherwise", () => {
  expect(headersWith(["tools[1]", "tools[3]"])["x-tollgate-dropped"]).toBe("tools[1],tools[3]");
  expect(headersWith([])).not.toHaveProperty("x-tollgate-dropped");
});
