// npm install openai tsx
// TOLLGATE_URL=http://localhost:3000 TOLLGATE_API_KEY=tg_live_… npx tsx ask.ts gpt-5-mini "Hello"
import OpenAI from "openai";

const [model = "gpt-5-mini", question = "Hello"] = process.argv.slice(2);
const { TOLLGATE_URL = "http://localhost:3000", TOLLGATE_API_KEY } = process.env;
const client = new OpenAI({ baseURL: `${TOLLGATE_URL}/v1`, apiKey: TOLLGATE_API_KEY });

try {
  const { data: stream, response } = await client.chat.completions
    .create(
      { model, messages: [{ role: "user", content: question }], max_tokens: 500, stream: true },
      { headers: { "x-tollgate-tags": "example" } },
    )
    .withResponse();
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
  process.stderr.write(`\nrequest ${response.headers.get("x-request-id")}\n`);
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  // The SDK has retried what a wait can help: rate limits and budgets that requests in flight hold.
  process.stderr.write(`${error.status} ${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
