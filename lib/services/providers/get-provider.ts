import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { type Provider, toProvider } from "./provider";
import { readProvider } from "./read-provider";
import { requireProviderReader } from "./routing-context";

export const ProviderId = z.strictObject({ id: idField("provider") });

/**
 * One provider.
 * @throws ServiceError "not_found", "forbidden" for all but administrators
 */
export async function getProvider(
  ctx: Pick<ServiceContext, "db" | "actor">,
  input: z.input<typeof ProviderId>,
): Promise<Provider> {
  requireProviderReader(ctx);
  const { id } = parseInput(ProviderId, input);
  return toProvider(await readProvider(ctx.db, id));
}
