import type { Metadata } from "next";
import { exactMinute } from "#components/format/time";
import { KeyActions } from "#components/keys/key-actions";
import { KeyStatus } from "#components/keys/key-table";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Callout } from "#components/ui/callout";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import { getKey } from "#lib/services/keys/get-key";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import { keyActions } from "../key-actions";
import { KeyDetails } from "./key-details";

export const metadata: Metadata = { title: "API key" };

export default async function KeyPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/keys/${encodeURIComponent(id)}`);
  const key = await orNotFound(getKey(ctx, { id }));
  const options = key.may_manage && key.status !== "revoked" ? await keyFormOptions(ctx) : null;
  return (
    <>
      <DetailHeader
        back={{ href: "/keys", label: "API keys" }}
        title={key.name}
        badge={<KeyStatus keyRow={key} nowMs={Date.now()} />}
        idLabel="key ID"
        id={key.id}
      >
        {options ? (
          <KeyActions apiKey={key} role={ctx.actor.role} options={options} actions={keyActions} />
        ) : null}
      </DetailHeader>
      {key.previous_key_expires_at ? (
        <Callout tone="wait" className="mb-4">
          The previous key works until {exactMinute(key.previous_key_expires_at)}.
        </Callout>
      ) : null}
      <Streamed id={key.id} fallback={<DetailSkeleton what="the key" />}>
        <KeyDetails ctx={ctx} apiKey={key} />
      </Streamed>
    </>
  );
}
