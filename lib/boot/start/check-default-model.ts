import { StartUpError } from "#lib/config/start-up-error";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { routingFor } from "#lib/gateway/routing/name-models";
import { findModel } from "#lib/gateway/routing/resolve-model";
import { ApiError } from "#lib/http/api-error";

const EVERYONE = { allowedModels: null, providerId: null };

/**
 * Checks that the model of requests that name none exists. One that no enabled provider serves right now does.
 * @throws StartUpError
 */
export async function checkDefaultModel(gateway: Pick<Gateway, "routing" | "defaultModel">): Promise<void> {
  const { defaultModel } = gateway;
  if (defaultModel === null) return;
  try {
    findModel(await routingFor(gateway, EVERYONE, defaultModel, { fresh: true }), EVERYONE, defaultModel);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== "model_not_found") return;
    throw new StartUpError(
      `DEFAULT_MODEL: there is no model "${defaultModel}". Set it to the name or alias of one, or start without it and create the model.`,
    );
  }
}
