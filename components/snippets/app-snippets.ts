import type { Snippet } from "#components/ui/code-tabs";

type Facts = { origin: string; secret: string; appId: string; model: string };

/** Code for an app that authenticates and names its user. `secret` may be a placeholder. */
export function appSnippets({ origin, secret, appId, model }: Facts): Snippet[] {
  return [
    {
      id: "curl",
      label: "curl",
      code: `curl ${origin}/v1/chat/completions \\
  -H "x-gateway-secret: ${secret}" \\
  -H "x-app-id: ${appId}" \\
  -H "x-user-oid: EXTERNAL_ID_OF_THE_USER" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
    },
    {
      id: "node",
      label: "Node",
      code: `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${origin}/v1",
  apiKey: "unused",
  defaultHeaders: {
    Authorization: null,
    "x-gateway-secret": "${secret}",
    "x-app-id": "${appId}",
  },
});

const answer = await client.chat.completions.create(
  { model: "${model}", messages: [{ role: "user", content: "Hello" }] },
  { headers: { "x-user-oid": "EXTERNAL_ID_OF_THE_USER" } },
);
console.log(answer.choices[0].message.content);`,
    },
    {
      id: "python",
      label: "Python",
      code: `import httpx

answer = httpx.post(
    "${origin}/v1/chat/completions",
    headers={
        "x-gateway-secret": "${secret}",
        "x-app-id": "${appId}",
        "x-user-oid": "EXTERNAL_ID_OF_THE_USER",
    },
    json={
        "model": "${model}",
        "messages": [{"role": "user", "content": "Hello"}],
    },
    timeout=600,
)
print(answer.json()["choices"][0]["message"]["content"])`,
    },
  ];
}

/** A model that the app may use, for the snippets. */
export const modelFor = (app: { allowed_models: string[] | null }, models: readonly string[]): string =>
  app.allowed_models?.[0] ?? models[0] ?? "gpt-4o-mini";
