import { z } from "zod";
import { invalidField, notFound, ServiceError } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { Explanation, explainer } from "./explainer";
import { readModel } from "./model";

const ONE_CALLER = "Give either `api_key_id` or `app_id`.";

/**
 * Says what would happen to a request for a model, and why. Sends and changes nothing.
 * @throws ServiceError "not_found" for the model or the caller, "invalid"
 */
export const explainModelRequest = verb({
  role: "admin",
  input: z.strictObject({
    id: idField("model"),
    api_key_id: z.uuid().optional().describe("Who would send it: a key, or an app without a user."),
    app_id: z.uuid().optional(),
    endpoint: z.string().max(100).describe("As on a request's row."),
    body: z
      .record(z.string(), z.unknown())
      .describe("The request's body. Without a `model`, it is for this one."),
  }),
  output: Explanation,
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { id, api_key_id, app_id, endpoint, body }) => {
    const model = await readModel(ctx.db, id);
    if (model === null) throw notFound("model");
    const named = body.model ?? model.name;
    if (![model.name, ...model.aliases].some((name) => name === named))
      throw invalidField("body", `\`model\` must be "${model.name}" or an alias of it.`);
    const { explain } = explainer();
    if (explain === null) throw new ServiceError("conflict", "No data plane runs here that could be asked.");
    const answer = await explain({
      caller: callerOf(api_key_id, app_id),
      endpoint,
      body: JSON.stringify({ ...body, model: named }),
    });
    if (!("unknown" in answer)) return answer;
    if (answer.unknown === "caller") throw notFound(api_key_id === undefined ? "app" : "key");
    throw invalidField("endpoint", answer.message);
  },
});

function callerOf(apiKeyId: string | undefined, appId: string | undefined) {
  if (apiKeyId !== undefined && appId !== undefined) throw invalidField("app_id", ONE_CALLER);
  if (apiKeyId !== undefined) return { apiKeyId };
  if (appId !== undefined) return { appId };
  throw invalidField("api_key_id", ONE_CALLER);
}
