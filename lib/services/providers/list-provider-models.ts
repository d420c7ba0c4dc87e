import { z } from "zod";
import { ApiError } from "#lib/http/api-error";
import { ServiceError } from "#lib/http/errors";
import { ModelsUnavailable } from "#lib/providers/models-list";
import { openProvider, ProviderUnusable } from "#lib/providers/open-provider";
import type { ListedModel, OpenedProvider } from "#lib/providers/provider-type";
import { verb } from "#lib/services/verb";
import { ProviderId } from "./get-provider";
import { readProvider } from "./read-provider";
import type { RoutingContext } from "./routing-context";
import { withAgent } from "./with-agent";

/** The models that a provider offers, each once. */
const ProviderModels = z
  .object({
    data: z.array(
      z.object({
        id: z.string().describe("Its name at the provider, for `upstream_model` of a target."),
        name: z.string().optional().describe("Its name for people, if the provider says another one."),
        context_window: z.int().optional().describe("Absent if the provider does not say."),
        max_output_tokens: z.int().optional().describe("Absent if the provider does not say."),
      }),
    ),
  })
  .meta({ id: "ProviderModels" });

/**
 * Asks a provider, over connections like the gateway's, which models it offers. Changes nothing.
 * @throws ServiceError "not_found", "conflict" if the stored credentials or settings cannot be used, or the type has no list; ApiError
 * "upstream_error" or "upstream_timeout" if the provider cannot be reached, rejects the credentials or has no list
 */
export const listProviderModels = verb({
  role: "admin",
  input: ProviderId,
  output: ProviderModels,
  run: async (ctx: RoutingContext, { id }) => {
    const stored = await readProvider(ctx.db, id);
    const { listModels, whyNoList } = opened(() => openProvider(stored, ctx.config));
    if (listModels === null) throw new ServiceError("conflict", whyNoList);
    const models = await withAgent(ctx, listModels).catch((error: unknown) => {
      if (!(error instanceof ModelsUnavailable)) throw error;
      const code = error.timedOut ? "upstream_timeout" : "upstream_error";
      throw new ApiError(code, error.message, { cause: error });
    });
    return { data: models.map(toDto) };
  },
});

function opened(open: () => OpenedProvider): OpenedProvider {
  try {
    return open();
  } catch (error) {
    if (error instanceof ProviderUnusable) throw new ServiceError("conflict", error.message);
    throw error;
  }
}

const toDto = ({ id, name, contextWindow, maxOutputTokens }: ListedModel) => ({
  id,
  ...(name !== undefined && { name }),
  ...(contextWindow !== undefined && { context_window: contextWindow }),
  ...(maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens }),
});
