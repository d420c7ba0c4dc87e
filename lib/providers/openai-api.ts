import { ApiKeyCredentials, bearer } from "./bearer";
import { probeOpenAi } from "./openai-probe";

/** What provider types have in common that speak OpenAI's dialects with an API key. */
export const openAiApi = { credentials: ApiKeyCredentials, sign: bearer, probe: probeOpenAi };
