import { byName } from "#lib/providers/by-name";
import { hostOf, isWithin } from "#lib/providers/host-of";

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
  const host = hostOf(baseUrl);
  return BEDROCK.test(host) || isWithin(host, MAKERS);
});
