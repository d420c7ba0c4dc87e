import { byName } from "#lib/dialects/by-name";

/** Makers of models, and services of clouds that serve them: they run the tools that they document, and answer once. */
const MAKERS = [
  "anthropic.com",
  "openai.com",
  "openai.azure.com",
  "cognitiveservices.azure.com",
  "services.ai.azure.com",
  "googleapis.com",
];
/** Other names of this cloud are those of its customers' servers. */
const BEDROCK = /^bedrock[a-z-]*\.[a-z0-9-]+\.amazonaws\.com$/;

/** Whether an address is not one of another server, such as a proxy. In-process providers have none. */
export const isMakers = byName((baseUrl) => {
  if (baseUrl === "") return true;
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : "";
  return BEDROCK.test(host) || MAKERS.some((known) => host === known || host.endsWith(`.${known}`));
});
