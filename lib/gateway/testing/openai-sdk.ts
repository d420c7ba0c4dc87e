import OpenAI from "openai";
import type { TestGateway } from "./test-gateway";

/** OpenAI's SDK for a gateway. */
export const openAiSdk = ({ url, seeded }: TestGateway): OpenAI =>
  new OpenAI({ baseURL: url, apiKey: seeded.apiKey, maxRetries: 0 });
