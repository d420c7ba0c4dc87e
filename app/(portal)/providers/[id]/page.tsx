import type { Metadata } from "next";
import { ProviderActions } from "#components/providers/provider-actions";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Badge } from "#components/ui/badge";
import { getProvider } from "#lib/services/providers/get-provider";
import { providerFormOptions } from "#lib/services/providers/provider-forms";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import { deleteProviderAction, updateProviderAction } from "../actions";
import { ProviderDetails } from "./provider-details";

export const metadata: Metadata = { title: "Provider" };

export default async function ProviderPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/providers/${encodeURIComponent(id)}`);
  const provider = await orNotFound(getProvider(ctx, { id }));
  const kind = providerFormOptions().kinds.find(({ type }) => type === provider.type);
  return (
    <>
      <DetailHeader
        back={{ href: "/providers", label: "Providers" }}
        title={provider.name}
        badge={<Badge tone="outline">{provider.type}</Badge>}
        idLabel="provider ID"
        id={provider.id}
      >
        {kind ? (
          <ProviderActions
            provider={provider}
            kind={kind}
            actions={{ update: updateProviderAction, remove: deleteProviderAction }}
          />
        ) : null}
      </DetailHeader>
      <Streamed id={provider.id} fallback={<DetailSkeleton what="the provider" />}>
        <ProviderDetails ctx={ctx} provider={provider} />
      </Streamed>
    </>
  );
}
