import type { findProvider, ModelInfo } from "@pydantic/genai-prices";

type Provider = NonNullable<ReturnType<typeof findProvider>>;

const LATEST = /-latest$/;
/** How makers name what they have released: 2603, 260301, 20260301 or 2026-03-01. */
const RELEASED = /^-(\d{4}|\d{6}|\d{8}|\d{4}-\d{2}-\d{2})$/;

/**
 * Mistral's names without a release move like those that end in "-latest": `mistral-medium-3` leads to Medium 3.5, at four times
 * the price of 3.1 (docs.mistral.ai/models/model-cards/mistral-medium-3-5-26-04).
 */
const OF_MISTRAL = "mistral";
const WITHOUT_RELEASE = /^([a-z]+(?:-[a-z]+)*(?:-\d+b)?)(?:-\d)?$/;

/** Other names of a provider than whose prices that of a name must be no less, since it may lead to them. */
export function namesLedTo(provider: Pick<Provider, "id" | "models">, name: string): string[] {
  const [, family] = provider.id === OF_MISTRAL ? (WITHOUT_RELEASE.exec(name) ?? []) : [];
  const moving = LATEST.test(name) || family === undefined ? name : `${family}-latest`;
  const release = newestRelease(provider, moving);
  return [...(moving === name ? [] : [moving]), ...(release === null ? [] : [release])];
}

/**
 * The newest release that a catalogue has of a model that a name leads to for now ("mistral-small-latest"): makers move such
 * names to releases with other prices, and a catalogue may know the release before it knows the move.
 * @returns null if the name does not move, or no release is known
 */
export function newestRelease({ models }: Pick<Provider, "models">, name: string): string | null {
  if (!LATEST.test(name)) return null;
  const base = name.replace(LATEST, "");
  let newest: { name: string; date: string } | null = null;
  for (const known of models.flatMap(namesOf)) {
    const [, digits] = known.startsWith(base) ? (RELEASED.exec(known.slice(base.length)) ?? []) : [];
    if (digits === undefined) continue;
    const date = dateOf(digits.replaceAll("-", ""));
    if (newest === null || date > newest.date) newest = { name: known, date };
  }
  return newest?.name ?? null;
}

/** As text that sorts by time. */
const dateOf = (digits: string): string => (digits.length < 8 ? `20${digits}` : digits).padEnd(8, "0");

/** The names that a model has and that are spelled out. */
const namesOf = ({ id, match }: ModelInfo): string[] => [id, ...spelledOut(match)];

function spelledOut(match: ModelInfo["match"]): string[] {
  if ("equals" in match) return [match.equals];
  return "or" in match ? match.or.flatMap(spelledOut) : [];
}
