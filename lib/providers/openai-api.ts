import { z } from "zod";
import { ApiKeyCredentials, bearer } from "./bearer";
import { listOpenAiModels } from "./models-list";
import { probeOpenAi } from "./models-probe";

/** The setting for fields of requests beyond those that Tollgate knows. */
export const ExtraFields = z
  .array(z.string().min(1).max(200))
  .max(100)
  .optional()
  .describe(
    "Fields of requests that Tollgate does not know, such as `my_server.trace`, and that neither raise what the provider bills nor change the model. Where a hard budget applies, other unknown fields are rejected.",
  );

/** What provider types have in common that speak OpenAI's dialects with an API key. */
export const openAiApi = {
  credentials: ApiKeyCredentials,
  sign: bearer,
  probe: probeOpenAi,
  listModels: listOpenAiModels,
};
