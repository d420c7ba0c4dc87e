import { describeHostedClaude } from "#lib/gateway/testing/hosted-claude";
import { connections } from "#lib/providers/testing/exchange-harness";
import { googleToken, serveVertex, VERTEX } from "#lib/providers/testing/fake-vertex";
import { asEvents, HOSTED_EVENTS } from "#lib/providers/testing/hosted-claude";
import { redirected } from "#lib/providers/testing/token-host";

const MODEL = "claude-sonnet-4-5@20250929";

await describeHostedClaude("Claude on Vertex AI", MODEL, async () => {
  const { url, account, seen, tokens } = await serveVertex();
  const { private_key, private_key_id, client_email } = account;
  return {
    stored: { type: "vertex", baseUrl: url, credentials: { service_account: account }, settings: VERTEX },
    over: redirected(connections(), "https://oauth2.googleapis.com", tokens.url),
    stream: asEvents(HOSTED_EVENTS),
    adds: { anthropic_version: "vertex-2023-10-16" },
    hasStreamField: true,
    lastBody: () => seen.at(-1)?.body,
    secrets: () => [private_key.split("\n")[5] ?? "", private_key_id, client_email, googleToken(1)],
  };
});
