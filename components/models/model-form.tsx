"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { ChoiceField } from "#components/fields/choice-field";
import { EnabledField } from "#components/fields/enabled-field";
import { listOf } from "#components/fields/list-fields";
import { TextField } from "#components/fields/text-field";
import { STRATEGY_WORDS } from "#components/format/price-words";
import type { ActionResult } from "#lib/http/action-result";
import type { createModel } from "#lib/services/models/create-model";
import type { Model } from "#lib/services/models/model";
import type { InputOf } from "#lib/services/verb";
import { NO_PRICE, PriceFields, priceDraft, priceFrom } from "./price-fields";
import { newTarget, TargetsField, targetsDraft, targetsFrom } from "./targets-field";

/** What the forms of models offer. */
export type ModelFormOptions = { providers: readonly { id: string; name: string }[] };

type Props = {
  /** Null for a new model. */
  model: Model | null;
  options: ModelFormOptions;
  /** A target to begin with. */
  start?: { providerId: string | null; upstreamModel: string | null };
  send: (draft: InputOf<typeof createModel>) => Promise<ActionResult<Model>>;
} & Closing;
type Closing = { onCancel: () => void; onSaved: (model: Model) => void };

const STRATEGIES = (["priority", "round_robin", "weighted", "least_latency", "cheapest"] as const).map(
  (value) => ({ value, label: STRATEGY_WORDS[value] }),
);

export function ModelForm({ model, options, start, send, ...closing }: Props) {
  const [name, setName] = useState(model?.name ?? start?.upstreamModel ?? "");
  const [aliases, setAliases] = useState((model?.aliases ?? []).join(", "));
  const [strategy, setStrategy] = useState(model?.strategy ?? "priority");
  const [targets, setTargets] = useState(() =>
    model === null
      ? [newTarget([], start?.providerId ?? options.providers[0]?.id ?? "", start?.upstreamModel ?? "")]
      : targetsDraft(model.targets),
  );
  const [price, setPrice] = useState(() => (model === null ? NO_PRICE : priceDraft(model)));
  const [enabled, setEnabled] = useState(model?.enabled ?? true);
  const draft = () => ({
    name,
    aliases: listOf(aliases),
    strategy,
    targets: targetsFrom(targets),
    ...priceFrom(price, model),
    enabled,
  });
  return (
    <EntityForm noun="model" isNew={model === null} send={() => send(draft())} {...closing}>
      <TextField
        name="name"
        label="Name"
        value={name}
        onChange={setName}
        hint="What clients request."
        placeholder="gpt-5-mini"
        maxLength={200}
        autoFocus
      />
      <TextField
        name="aliases"
        label="Aliases"
        aside="optional"
        value={aliases}
        onChange={setAliases}
        hint="Other names for it, separated by commas."
      />
      <TargetsField
        providers={options.providers}
        isWeighted={strategy === "weighted"}
        value={targets}
        onChange={setTargets}
      />
      {targets.length > 1 ? (
        <ChoiceField
          name="strategy"
          label="Strategy"
          value={strategy}
          onChange={setStrategy}
          options={STRATEGIES}
          hint="In which order targets are tried. Those that are down come last."
        />
      ) : null}
      <PriceFields value={price} canKeep={model !== null} onChange={setPrice} />
      <EnabledField value={enabled} onChange={setEnabled} />
    </EntityForm>
  );
}
