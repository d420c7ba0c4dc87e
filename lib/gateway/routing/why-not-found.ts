import type { Caller } from "#lib/auth/caller";
import { isPricedAddress } from "#lib/credit/prices/model-at-provider";
import { PRICED_PROVIDERS, takesPricesOf } from "#lib/providers/prices-of-setting";
import { type Meaning, unlistedMeanings } from "./name-models";
import type { Routing, ServingProvider } from "./routing";

/** Why a caller can use no model of this name, and what an administrator does about it. */
export function whyNotFound(routing: Routing, caller: Pick<Caller, "providerId">, name: string): string {
  const { providerId } = caller;
  const bound = providerId === null ? undefined : routing.providers.find(({ id }) => id === providerId);
  if (providerId !== null && bound === undefined)
    return "Your key is bound to a provider that is disabled. An administrator enables it, or binds the key to another one.";
  const [meant] = unlistedMeanings(routing, caller, name);
  if (meant?.isSure) return noPrice(meant, name);
  const named = routing.byName.get(name);
  if (named === undefined)
    return `The model '${cut(name)}' does not exist here. GET /v1/models lists the available models.`;
  const other = `Your key is bound to one provider, which does not serve the model '${named.all.name}'. GET /v1/models lists the models that it serves.`;
  if (meant === undefined || isPricedAddress(meant.provider.url)) return other;
  const { provider } = meant;
  if (takesPricesOf(provider.type))
    return `${other} Its own models have no price: ${pricesCommand(provider)}.`;
  // The name itself is taken.
  const full = `${provider.name}/${name}`;
  return `${other} Its own models have no price. An administrator gives one to '${cut(full)}', which you then request: ${createCommand(meant, full)}.`;
}

/** Each provider's own models are without a price at an address that the catalogue does not know. */
function noPrice({ provider, upstreamModel }: Meaning, name: string): string {
  const what = `The model '${cut(upstreamModel)}' of the provider '${provider.name}' has no price in the catalogue, without which it cannot be used.`;
  const create = createCommand({ provider, upstreamModel }, name);
  return isPricedAddress(provider.url) || !takesPricesOf(provider.type)
    ? `${what} An administrator gives it one: ${create}.`
    : `${what} An administrator says whose prices apply at its address: ${pricesCommand(provider)}. Or gives this model one: ${create}.`;
}

const createCommand = (
  { provider, upstreamModel }: Pick<Meaning, "provider" | "upstreamModel">,
  name: string,
) =>
  `npx tollgate model create ${shown(name)} --provider ${provider.name}${
    upstreamModel === name ? "" : ` --upstream-model ${shown(upstreamModel)}`
  } --input-price 1 --output-price 2 (US dollars per million tokens)`;

/** Names of providers are safe in a shell. */
const pricesCommand = ({ name, type }: ServingProvider): string =>
  `npx tollgate provider update ${name} --prices-of ${PRICED_PROVIDERS.includes(type) ? type : "NAME"}`;

/** A client's text as a word of a command, if it needs no quotes. */
const shown = (text: string): string => (/^[\w@][\w@%+=:,./-]{0,99}$/.test(text) ? text : "MODEL");

const cut = (name: string): string => name.slice(0, 100);
