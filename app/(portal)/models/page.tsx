import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { CreateModel } from "#components/models/create-model";
import { PageHeader } from "#components/shell/page-header";
import { modelFormOptions } from "#lib/portal/models/model-form-options";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createModelAction } from "./actions";
import { ModelList } from "./model-list";
import { loadModelParams, modelsHref } from "./model-params";

export const metadata: Metadata = { title: "Models" };

export default async function ModelsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadModelParams(searchParams);
  const ctx = await serviceContext(modelsHref("/models", params));
  const options = await modelFormOptions(ctx);
  return (
    <>
      <PageHeader
        title="Models"
        description="What clients can request, where it is served and what it costs."
      >
        {options && options.providers.length > 0 ? (
          <CreateModel
            // A link from a provider's page may come while the form is there.
            key={`${params.provider} ${params.upstream}`}
            options={options}
            start={{ providerId: params.provider, upstreamModel: params.upstream }}
            create={createModelAction}
          />
        ) : null}
      </PageHeader>
      <StreamedTable id={`${params.cursor}`} what="models" rows={6}>
        <ModelList ctx={ctx} params={params} options={options} />
      </StreamedTable>
    </>
  );
}
