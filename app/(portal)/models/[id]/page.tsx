import type { Metadata } from "next";
import { count } from "#components/format/count";
import { rateLines, SOURCE_WORDS, STRATEGY_WORDS } from "#components/format/price-words";
import { ModelActions } from "#components/models/model-actions";
import { PriceHistory } from "#components/models/price-history";
import { TargetTable } from "#components/models/target-table";
import { DetailGrid } from "#components/shell/detail-grid";
import { DetailHeader } from "#components/shell/detail-header";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import { Badge } from "#components/ui/badge";
import { Card, CardHeader } from "#components/ui/card";
import { Day } from "#components/ui/day";
import { type Fact, Facts } from "#components/ui/facts";
import { modelFormOptions } from "#lib/portal/models/model-form-options";
import { modelTargets } from "#lib/portal/models/model-targets";
import { getModel } from "#lib/services/models/get-model";
import { listModelPrices } from "#lib/services/models/list-model-prices";
import type { Model } from "#lib/services/models/model";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { deleteModelAction, updateModelAction } from "../actions";

export const metadata: Metadata = { title: "Model" };

export default async function ModelPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/models/${encodeURIComponent(id)}`);
  const model = await orNotFound(getModel(ctx, { id }));
  const [options, targets, history] = await Promise.all([
    modelFormOptions(ctx),
    modelTargets(ctx, model),
    listModelPrices(ctx, { id }),
  ]);
  const isAdmin = options !== null;
  const nowMs = Date.now();
  return (
    <>
      <DetailHeader
        back={{ href: "/models", label: "Models" }}
        title={model.name}
        badge={model.enabled ? null : <Badge>Disabled</Badge>}
        idLabel="model ID"
        id={model.id}
      >
        {options ? (
          <ModelActions
            model={model}
            options={options}
            actions={{ update: updateModelAction, remove: deleteModelAction }}
          />
        ) : null}
      </DetailHeader>
      <DetailGrid
        main={
          <>
            <Card>
              <CardHeader title="Targets" />
              <div className="border-t">
                <TargetTable
                  targets={targets}
                  nowMs={nowMs}
                  isAdmin={isAdmin}
                  isWeighted={model.strategy === "weighted"}
                />
              </div>
            </Card>
            <Card>
              <CardHeader title="Price history" />
              <div className="border-t">
                <PriceHistory prices={history.data} nowMs={nowMs} />
              </div>
            </Card>
          </>
        }
        aside={
          <>
            <DetailsCard
              facts={factsOf(model)}
              links={[
                { href: `/requests?model=${encodeURIComponent(model.name)}`, label: "Requests" },
                ...(isAdmin ? [changeHistory(model.id)] : []),
              ]}
            />
            {model.price ? (
              <Card>
                <CardHeader
                  title="Price in force"
                  aside={<Badge tone="outline">{SOURCE_WORDS[model.price_source ?? "catalogue"]}</Badge>}
                  className="pb-1"
                >
                  <p className="text-ink-3 text-xs">Per million tokens</p>
                </CardHeader>
                <Facts facts={rateLines(model.price).map(({ label, usd }) => ({ label, value: usd }))} />
              </Card>
            ) : null}
          </>
        }
      />
    </>
  );
}

function factsOf(model: Model): Fact[] {
  const tokens = (most: number | null) => (most === null ? "Unknown" : `${count(most)} tokens`);
  return [
    ...(model.aliases.length > 0 ? [{ label: "Aliases", value: model.aliases.join(", ") }] : []),
    { label: "Strategy", value: STRATEGY_WORDS[model.strategy] },
    { label: "Context window", value: tokens(model.context_window) },
    { label: "Longest answer", value: tokens(model.max_output_tokens) },
    { label: "Retries", value: `${model.retries} per target` },
    ...(model.hedge_after_ms === null
      ? []
      : [{ label: "Hedges after", value: `${count(model.hedge_after_ms)} ms` }]),
    { label: "Unsupported", value: model.drop_unsupported ? "Dropped" : "Rejected" },
    { label: "Created", value: <Day iso={model.created_at} /> },
  ];
}
