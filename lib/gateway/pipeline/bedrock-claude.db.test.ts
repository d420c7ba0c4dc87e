import { describeHostedClaude } from "#lib/gateway/testing/hosted-claude";
import { connections } from "#lib/providers/testing/exchange-harness";
import { BEDROCK_EVENTS, MODEL_ID, REGION, serveBedrock } from "#lib/providers/testing/fake-bedrock";
import { asEvents } from "#lib/providers/testing/hosted-claude";

for (const form of ["keys", "an API key"]) {
  await describeHostedClaude(`Claude on Bedrock with ${form}`, MODEL_ID, async () => {
    const { url, keys, apiKey, seen } = await serveBedrock();
    const credentials = form === "keys" ? keys : { api_key: apiKey };
    return {
      stored: { type: "bedrock", baseUrl: url, credentials, settings: { region: REGION } },
      over: connections(),
      stream: asEvents(BEDROCK_EVENTS),
      adds: { anthropic_version: "bedrock-2023-05-31" },
      hasStreamField: false,
      lastBody: () => seen.at(-1)?.body,
      secrets: () => Object.values(credentials),
    };
  });
}
