import type { SeedModel } from "#lib/testing/seed";
import { chat, type Rule, type Scenario } from "#lib/testing/upstream/scenario";

/** USD per million tokens. The second has more digits than the ledger stores, so that costs are rounded. */
const EVEN = { inputPerMtok: "2.5", outputPerMtok: "10" };
const ODD = { inputPerMtok: "1.2345678", outputPerMtok: "9.8765432109" };

/** A model of the run: how often clients request it, and how its provider behaves. */
type ChaosModel = { name: string; weight: number; rates: typeof EVEN; scenario?: Scenario };

const quick = { headDelayMs: { least: 0, most: 60 }, paceMs: 0 };
const slow = { headDelayMs: { least: 20, most: 400 }, paceMs: { least: 2, most: 30 } };
const answers = { chunks: { least: 5, most: 60 }, respectsLimit: true };

/** Without a scenario, the fake upstream derives the behaviour from the model's name. */
const MODELS: readonly ChaosModel[] = [
  { name: "quick", weight: 40, rates: EVEN, scenario: chat(answers, quick) },
  { name: "odd", weight: 20, rates: ODD, scenario: chat(answers, quick) },
  {
    name: "slow",
    weight: 15,
    rates: ODD,
    scenario: chat({ ...answers, chunks: { least: 20, most: 80 } }, slow),
  },
  // Reports more output than the bound, as hidden reasoning does: an overrun.
  { name: "usage-cached-reasoning", weight: 4, rates: EVEN },
  { name: "usage-missing", weight: 3, rates: EVEN },
  { name: "status-400", weight: 1, rates: EVEN },
  { name: "status-429", weight: 2, rates: EVEN },
  { name: "status-500", weight: 2, rates: EVEN },
  { name: "close-before-head", weight: 1, rates: EVEN },
  { name: "close-mid-stream", weight: 2, rates: ODD },
  { name: "reset-mid-stream", weight: 1, rates: ODD },
  { name: "stall-mid-stream", weight: 1, rates: EVEN },
  { name: "error-event", weight: 2, rates: EVEN },
  { name: "garbage", weight: 1, rates: EVEN },
];

/** Models with two providers, of which the first fails. */
export const WITH_FALLBACK: readonly { name: string; first: string }[] = [
  { name: "after-500", first: "status-500" },
  { name: "after-close", first: "close-before-head" },
  { name: "after-broken-stream", first: "error-event-first" },
];
const FALLBACK_MODEL = "quick";
const FALLBACK_WEIGHT = 2;

export const seedModels: SeedModel[] = [
  ...MODELS.map(({ name, rates }) => ({ name, rates })),
  ...WITH_FALLBACK.map(({ name, first }) => ({ name, upstreamModel: first, rates: ODD })),
];

export const upstreamRules: Rule[] = MODELS.flatMap(({ name, scenario }) =>
  scenario ? [{ method: "POST", path: "/v1/chat/completions", model: name, scenario }] : [],
);

/** Each model's name, repeated by its weight. */
export const weightedModels: readonly string[] = [
  ...MODELS.map(({ name, weight }) => ({ name, weight })),
  ...WITH_FALLBACK.map(({ name }) => ({ name, weight: FALLBACK_WEIGHT })),
].flatMap(({ name, weight }) => Array.from({ length: weight }, () => name));

/** Adds the second provider to the models of `WITH_FALLBACK`. */
export const secondTargets = `
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT m.id, p.id, '${FALLBACK_MODEL}', t.price_version_id, 1
  FROM models m JOIN model_targets t ON t.model_id = m.id CROSS JOIN (SELECT id FROM providers ORDER BY created_at LIMIT 1) p
  WHERE m.name IN (${WITH_FALLBACK.map(({ name }) => `'${name}'`).join()})`;
