import type { Caller } from "#lib/auth/caller";
import type { Routing, RoutingDirectory, ServedModel, ServingProvider } from "./routing";

type Bounds = Pick<Caller, "providerId">;

/** A model of a provider that a name may mean. `isSure`: the name begins with the provider's. */
export type Meaning = { provider: ServingProvider; upstreamModel: string; isSure: boolean };

const NONE: readonly Meaning[] = [];

/** The longest name that a model may have when it is created. */
const LONGEST_NAME = 200;
const NAME = /^[\x21-\x7e]+$/;

/**
 * What a name may mean that no model has which was created, best first: a model of a provider that lists its models, as
 * `provider/model`, or of the provider that a key is bound to, with or without its name.
 */
export function unlistedMeanings(routing: Routing, { providerId }: Bounds, name: string): readonly Meaning[] {
  if (routing.disabledNames.has(name)) return NONE;
  const configured = routing.byName.get(name);
  if (providerId === null) return configured === undefined ? ofListingProviders(routing, name) : NONE;
  const provider = routing.providers.find(({ id }) => id === providerId);
  if (provider === undefined || (configured !== undefined && isTarget(configured, providerId))) return NONE;
  const stripped = modelIn(name, provider);
  const meanings: Meaning[] = [];
  if (stripped !== null) meanings.push({ provider, upstreamModel: stripped, isSure: true });
  if (isName(name)) meanings.push({ provider, upstreamModel: name, isSure: configured === undefined });
  return meanings;
}

/** Names of providers may have slashes. */
const ofListingProviders = ({ providers }: Routing, name: string): readonly Meaning[] =>
  providers.flatMap((provider) => {
    const upstreamModel = provider.listsModels ? modelIn(name, provider) : null;
    return upstreamModel === null ? [] : [{ provider, upstreamModel, isSure: true }];
  });

function modelIn(name: string, { name: provider }: ServingProvider): string | null {
  if (!name.startsWith(provider) || name[provider.length] !== "/") return null;
  const model = name.slice(provider.length + 1);
  return isName(model) ? model : null;
}

const isName = (text: string): boolean => text.length <= LONGEST_NAME && NAME.test(text);

/** Whether it is one of a model's targets, if only a disabled one. */
const isTarget = ({ all }: ServedModel, providerId: string): boolean =>
  all.disabledAt.includes(providerId) || all.routes.some(({ target }) => target.providerId === providerId);

/**
 * Returns the routing with what a name may mean loaded, as of the same version.
 * @throws (from the promise) if the database cannot be read
 */
export async function routingFor(
  { routing: directory }: { routing: RoutingDirectory },
  caller: Bounds,
  name: string,
  options: Parameters<RoutingDirectory>[0],
): Promise<Routing> {
  const routing = await directory(options);
  if (caller.providerId === null && routing.byName.has(name)) return routing;
  for (const { provider, upstreamModel } of unlistedMeanings(routing, caller, name)) {
    const model = { providerId: provider.id, upstreamModel };
    if (routing.unlisted.get(model) === undefined) await routing.unlisted.load(model);
    if (routing.unlisted.get(model)) break;
  }
  return routing;
}
