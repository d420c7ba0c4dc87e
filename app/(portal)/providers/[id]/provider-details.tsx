import { fieldLabel } from "#components/format/field-label";
import { ListedModels } from "#components/providers/listed-models";
import { ProviderHealth } from "#components/providers/provider-health";
import { TestProvider } from "#components/providers/test-provider";
import { DetailGrid } from "#components/shell/detail-grid";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import { Card, CardHeader } from "#components/ui/card";
import { Day } from "#components/ui/day";
import type { Fact } from "#components/ui/facts";
import { LinkList } from "#components/ui/link-list";
import { Moment } from "#components/ui/moment";
import { modelsAtProvider } from "#lib/portal/models/models-at-provider";
import { withStates } from "#lib/portal/providers/provider-table";
import type { ServiceContext } from "#lib/services/context";
import type { Provider } from "#lib/services/providers/provider";
import { listProviderModelsAction, testProviderAction } from "../actions";

type Props = { ctx: ServiceContext; provider: Provider };

export async function ProviderDetails({ ctx, provider }: Props) {
  const [[row], served] = await Promise.all([
    withStates(ctx, [provider]),
    modelsAtProvider(ctx, provider.id),
  ]);
  if (row === undefined) return null;
  const models = new Map(served.map(({ id, name }) => [id, { href: `/models/${id}`, label: name }]));
  const nowMs = Date.now();
  return (
    <DetailGrid
      main={
        <>
          <Card>
            <CardHeader title="Health" aside={<TestProvider id={provider.id} test={testProviderAction} />} />
            <div className="flex flex-col gap-2 px-4 pb-4 text-sm">
              <ProviderHealth health={row.health} />
              <p className="text-ink-2">
                {row.last_answer_at === null ? (
                  "It has not answered a request lately."
                ) : (
                  <>
                    Last answer to a request: <Moment iso={row.last_answer_at} nowMs={nowMs} />.
                  </>
                )}
              </p>
              {row.down.map(({ upstream_model: model, since, reason }) => (
                <p key={`${model} ${since}`} className="text-danger">
                  <code className="font-mono text-xs">{model}</code> is down since{" "}
                  <Moment iso={since} nowMs={nowMs} />: {reason}
                </p>
              ))}
            </div>
          </Card>
          <ListedModels
            provider={{ id: provider.id, name: provider.name }}
            served={served.map(({ upstream_model }) => upstream_model)}
            list={listProviderModelsAction}
          />
        </>
      }
      aside={
        <>
          <DetailsCard facts={factsOf(provider)} links={[changeHistory(provider.id)]} />
          <Card>
            <CardHeader title="Models" />
            {served.length === 0 ? (
              <p className="px-4 pb-4 text-ink-3 text-sm">No model has it as a target yet.</p>
            ) : (
              <LinkList links={[...models.values()]} />
            )}
          </Card>
        </>
      }
    />
  );
}

function factsOf({ base_url, has_credentials, settings, enabled, created_at }: Provider): Fact[] {
  return [
    {
      label: "Base URL",
      value: base_url === null ? "Default" : <span className="break-all">{base_url}</span>,
    },
    { label: "Credentials", value: has_credentials ? "Stored" : "None" },
    ...Object.entries(settings).map(([name, value]) => ({
      label: fieldLabel(name),
      value:
        typeof value === "string" ? (
          value
        ) : (
          <code className="font-mono text-xs">{JSON.stringify(value)}</code>
        ),
    })),
    { label: "Enabled", value: enabled ? "Yes" : "No" },
    { label: "Created", value: <Day iso={created_at} /> },
  ];
}
