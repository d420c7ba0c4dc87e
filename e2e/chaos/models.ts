import type postgres from "postgres";
import type { SeedModel } from "#lib/testing/seed";
import { chat, type Rule, type Scenario } from "#lib/testing/upstream/scenario";

/** USD per million tokens. The second has more digits than the ledger stores, so that costs are rounded. */
const EVEN = { inputPerMtok: "2.5", outputPerMtok: "10" };
const ODD = { inputPerMtok: "1.2345678", outputPerMtok: "9.8765432109" };

/** A model of the run: how often ordinary clients request it, and how its provider behaves. */
export type ChaosModel = {
  name: string;
  weight: number;
  rates: typeof EVEN;
  contextWindow?: number;
  scenario?: Scenario;
  /** Other models that serve it, in turn, if it has no scenario of its own. Default: its own name. */
  targets?: readonly [string, string];
};

const quick = { headDelayMs: { least: 0, most: 60 }, paceMs: 0 };
const slow = { headDelayMs: { least: 20, most: 400 }, paceMs: { least: 2, most: 30 } };
const answers = { chunks: { least: 5, most: 60 }, respectsLimit: true };

/** Without a scenario, the fake upstream derives the behaviour from the model's name. */
export const ORDINARY_MODELS: readonly ChaosModel[] = [
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
  // Two targets, of which the first fails.
  { name: "after-500", weight: 2, rates: ODD, targets: ["status-500", "quick"] },
  { name: "after-close", weight: 2, rates: ODD, targets: ["close-before-head", "quick"] },
  { name: "after-broken-stream", weight: 2, rates: ODD, targets: ["error-event-first", "quick"] },
];

export const seedModelOf = ({ name, rates, contextWindow, targets }: ChaosModel): SeedModel => ({
  name,
  rates,
  contextWindow,
  upstreamModel: targets?.[0] ?? name,
});

export const upstreamRulesOf = (models: readonly ChaosModel[]): Rule[] =>
  models.flatMap(({ name, scenario }) =>
    scenario ? [{ method: "POST", path: "/v1/chat/completions", model: name, scenario }] : [],
  );

/** Each ordinary model's name, repeated by its weight. */
export const weightedModels: readonly string[] = ORDINARY_MODELS.flatMap(({ name, weight }) =>
  Array.from({ length: weight }, () => name),
);

/** Adds the second target to the models that have one. */
export async function addSecondTargets(sql: postgres.Sql, models: readonly ChaosModel[]): Promise<void> {
  for (const { name, targets } of models) {
    if (targets === undefined) continue;
    await sql`
      INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority, context_window)
      SELECT m.id, t.provider_id, ${targets[1]}, t.price_version_id, 1, t.context_window
      FROM models m JOIN model_targets t ON t.model_id = m.id WHERE m.name = ${name}`;
  }
}
