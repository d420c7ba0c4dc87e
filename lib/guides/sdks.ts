import type { Facts } from "./agents";

/** A program that asks for an answer. */
export type SdkGuide = { id: string; label: string; code: (facts: Facts) => string };

const MESSAGES = '[{ role: "user", content: "Hello" }]';

/** The first request through this gateway, by each way that people send one. */
export const SDK_GUIDES: readonly SdkGuide[] = [
  {
    id: "curl",
    label: "curl",
    code: ({ origin, apiKey, model }) => `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  },
  {
    id: "node",
    label: "OpenAI (TypeScript)",
    code: ({ origin, apiKey, model }) => `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${origin}/v1",
  apiKey: "${apiKey}",
});

const answer = await client.chat.completions.create({
  model: "${model}",
  messages: ${MESSAGES},
});
console.log(answer.choices[0].message.content);`,
  },
  {
    id: "python",
    label: "OpenAI (Python)",
    code: ({ origin, apiKey, model }) => `from openai import OpenAI

client = OpenAI(
    base_url="${origin}/v1",
    api_key="${apiKey}",
)

answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
  },
  {
    id: "anthropic-node",
    label: "Anthropic (TypeScript)",
    code: ({ origin, apiKey, model }) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: "${origin}",
  apiKey: "${apiKey}",
});

const message = await client.messages.create({
  model: "${model}",
  max_tokens: 1024,
  messages: ${MESSAGES},
});
for (const block of message.content) {
  if (block.type === "text") console.log(block.text);
}`,
  },
  {
    id: "anthropic-python",
    label: "Anthropic (Python)",
    code: ({ origin, apiKey, model }) => `from anthropic import Anthropic

client = Anthropic(
    base_url="${origin}",
    api_key="${apiKey}",
)

message = client.messages.create(
    model="${model}",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
)
print(message.content[0].text)`,
  },
  {
    id: "ai-sdk",
    label: "Vercel AI SDK",
    code: ({ origin, apiKey, model }) => `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";

const tollgate = createOpenAICompatible({
  name: "tollgate",
  baseURL: "${origin}/v1",
  apiKey: "${apiKey}",
});

const { text } = await generateText({
  model: tollgate("${model}"),
  prompt: "Hello",
});
console.log(text);`,
  },
  {
    id: "langchain",
    label: "LangChain",
    code: ({ origin, apiKey, model }) => `import { ChatOpenAI } from "@langchain/openai";

const chat = new ChatOpenAI({
  model: "${model}",
  apiKey: "${apiKey}",
  configuration: { baseURL: "${origin}/v1" },
});

const answer = await chat.invoke("Hello");
console.log(answer.content);`,
  },
];
