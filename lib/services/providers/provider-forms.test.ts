import { describe, expect, test } from "vitest";
import { providerFormOptions } from "./provider-forms";

const { kinds, choices } = providerFormOptions();
const names = (type: string) => {
  const kind = kinds.find((each) => each.type === type);
  const namesOf = (fields: readonly { name: string }[]) => fields.map(({ name }) => name);
  return { credentials: kind?.credentials.map(namesOf), settings: namesOf(kind?.settings ?? []) };
};

describe("the forms of providers", () => {
  test("ask for what each type needs", () => {
    expect(names("openai")).toEqual({ credentials: [["api_key"]], settings: [] });
    expect(names("bedrock")).toEqual({
      credentials: [["access_key_id", "secret_access_key", "session_token"], ["api_key"]],
      settings: ["region"],
    });
    expect(names("vertex")).toEqual({
      credentials: [["service_account"]],
      settings: ["project", "location"],
    });
    expect(names("simulated")).toEqual({ credentials: [], settings: [] });
    const vertex = kinds.find(({ type }) => type === "vertex");
    expect(vertex?.credentials[0]?.[0]).toMatchObject({ isJson: true, isRequired: true });
  });

  test("offer each type and each preset", () => {
    expect(choices.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["anthropic", "openai", "azure-openai", "groq", "ollama", "openrouter"]),
    );
    const kindNames = kinds.map(({ type }) => type);
    for (const { type } of choices) expect(kindNames).toContain(type);
  });
});
