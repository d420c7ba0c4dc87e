import { expect, test } from "vitest";
import { sendHead } from "#lib/gateway/testing/endless-body";
import { socketAnswer } from "#lib/gateway/testing/socket-answer";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const MB = 1024 * 1024;
const gate = await testGateway({ models: [{ name: "instant" }], maxBodyBytes: 64 * MB });

/** Sends a part of a body of 60 MB, and nothing after it. */
async function answerTo(part: string) {
  const socket = sendHead(gate, {
    authorization: `Bearer ${gate.seeded.apiKey}`,
    "content-length": String(60 * MB),
  });
  socket.write(part);
  const answer = await socketAnswer(socket);
  socket.destroy();
  return answer;
}

test.each([
  ["many tiny objects", `{"x":[${"{},".repeat(200_000)}`, "has more than 250000 values"],
  ["many brackets", `{"x":${"[".repeat(300)}`, "is nested deeper than 200 levels"],
])("a large body of %s is rejected as soon as that is certain, before it is joined", async (_, part, why) => {
  const { status, text } = await answerTo(part);
  expect(status).toBe(400);
  expect(text).toContain(`The request body ${why}.`);
});

test("a large body of one long text is served", async () => {
  const content = "word {[, \\".repeat(600_000);
  const answer = await gate.chat({ model: "instant", messages: [{ role: "user", content }], max_tokens: 1 });
  expect(answer.status).toBe(200);
});
