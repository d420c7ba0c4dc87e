import Link from "next/link";
import { Pager } from "#components/filters/pager";
import type { ModelFormOptions } from "#components/models/model-form";
import { ModelTable } from "#components/models/model-table";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";
import type { ServiceContext } from "#lib/services/context";
import { listModels } from "#lib/services/models/list-models";
import { type ModelParams, modelsHref } from "./model-params";

type Props = { ctx: ServiceContext; params: ModelParams; options: ModelFormOptions | null };

export async function ModelList({ ctx, params: { cursor }, options }: Props) {
  const { data, next_cursor } = await listModels(ctx, { cursor: cursor ?? undefined });
  if (data.length === 0) return <NoModels options={options} />;
  return (
    <>
      <ModelTable models={data} />
      <Pager
        shown={data.length}
        noun="model"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => modelsHref("/models", { cursor: at })}
      />
    </>
  );
}

function NoModels({ options }: Pick<Props, "options">) {
  if (options === null) {
    return (
      <EmptyState title="No models yet">An administrator creates the models that you can use.</EmptyState>
    );
  }
  return options.providers.length > 0 ? (
    <EmptyState title="No models yet">
      Create one, or choose from what a provider offers on its page.
    </EmptyState>
  ) : (
    <EmptyState
      title="No models yet"
      action={
        <Button variant="primary" asChild>
          <Link href="/providers?new=true">Add provider</Link>
        </Button>
      }
    >
      Add a provider first: a model is served by one or several of them.
    </EmptyState>
  );
}
