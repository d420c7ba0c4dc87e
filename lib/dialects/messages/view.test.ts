import fc from "fast-check";
import { expect, test } from "vitest";
import { asChat, chatSize, resultsIn, withoutSettings } from "./view";

const block = fc.constantFrom<unknown>(
  { type: "text", text: "a" },
  { type: "tool_use", id: "c", name: "f", input: {} },
  { type: "tool_result", tool_use_id: "c", content: "7" },
  { type: "tool_result", tool_use_id: "d", content: [{ type: "text", text: "8" }] },
  { type: "image", source: { type: "url", url: "https://a.example/b.png" } },
  "no block",
);
const message = fc.record({
  role: fc.constantFrom("user", "assistant"),
  content: fc.oneof(fc.string(), fc.array(block, { maxLength: 4 })),
});

test("the size of a chat is known without making one", () => {
  fc.assert(
    fc.property(fc.array(message), fc.constantFrom(undefined, null, "Be brief."), (messages, system) => {
      const chat = asChat(system, messages);
      const results = chat.filter(({ role }) => role === "tool");
      expect(chatSize(system, messages)).toEqual({ messages: chat.length, hasResults: results.length > 0 });
      expect(resultsIn(messages)).toEqual(results);
    }),
  );
});

test("messages without settings are not copied", () => {
  const result = { type: "tool_result", tool_use_id: "c", content: [{ type: "text", text: "a" }] };
  const messages = [
    { role: "user", content: "Hi" },
    { role: "user", content: [result] },
  ];
  for (const [at, plain] of withoutSettings(messages).entries()) expect(plain).toBe(messages[at]);
});
