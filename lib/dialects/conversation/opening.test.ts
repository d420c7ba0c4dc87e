import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { parseBody } from "#lib/dialects/text/parse-object";
import { openingOf } from "./opening";

const openingIn = (body: object) => {
  const json = JSON.stringify(body);
  const opening = openingOf(json, topLevelFields(json));
  // A conversation outgrows what is kept as it was parsed: it must be the same one afterwards.
  const { fields } = parseBody(json, { isRead: () => false, inside: {} });
  expect(openingOf(json, fields)).toEqual(opening);
  return opening;
};

const user = (content: unknown) => ({ role: "user", content });
const answer = { role: "assistant", content: "Hello, user." };

describe("how a conversation begins", () => {
  test("stays the same while it goes on", () => {
    const begun = [{ role: "system", content: "Be kind." }, user("Hello!")];
    const first = openingIn({ messages: begun });
    expect(first).toEqual({ texts: ["Be kind.", "Hello!"], goesOn: false });
    expect(openingIn({ messages: [...begun, answer] })).toEqual(first);
    const further = openingIn({ messages: [...begun, answer, user("More")], tools: [] });
    expect(further).toEqual({ ...first, goesOn: true });
  });

  test("does not depend on marks of what is to be cached, which move", () => {
    const marked = user([{ type: "text", text: "Hello!", cache_control: { type: "ephemeral" } }]);
    const plain = user([{ type: "text", text: "Hello!" }]);
    const later = { messages: [plain, answer, user("More")] };
    expect(openingIn({ messages: [marked] })?.texts).toEqual(openingIn(later)?.texts);
  });

  test("has the instructions, and what a response's input is", () => {
    expect(openingIn({ instructions: "Be kind.", input: "Hello!" })).toEqual({
      texts: ['"Be kind."', '"Hello!"'],
      goesOn: false,
    });
    const input = [user("Hello!"), { type: "function_call", name: "role" }, user("More")];
    expect(openingIn({ system: "Be kind.", input })).toEqual({
      texts: ['"Be kind."', "Hello!"],
      goesOn: true,
    });
  });

  test("takes no text for a message", () => {
    const quoting = { role: "assistant", content: JSON.stringify(user("x")) };
    expect(openingIn({ messages: [user("Hello!"), quoting] })?.goesOn).toBe(false);
  });

  test("is only the beginning of long texts", () => {
    const long = "x".repeat(100_000);
    const texts = openingIn({ system: long, messages: [user(long)] })?.texts ?? [];
    expect(texts.join("").length).toBeLessThan(3_000);
  });

  test("goes on if much has followed, also of others", () => {
    const results = Array.from({ length: 70 }, () => ({ role: "tool", content: "x".repeat(1_000) }));
    expect(openingIn({ messages: [user("Hello!"), ...results] })?.goesOn).toBe(true);
    expect(openingIn({ messages: [user("Hello!"), ...results.slice(60)] })?.goesOn).toBe(false);
  });

  test("there is none without a user's message", () => {
    const noMessages = [{}, { messages: [] }, { messages: ["user"] }, { prompt: "Hello!" }];
    for (const body of [...noMessages, { messages: [answer] }, { messages: [answer, 1, user("Hello!")] }])
      expect(openingIn(body)).toBeNull();
  });
});
