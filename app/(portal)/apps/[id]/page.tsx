import type { Metadata } from "next";
import { AppActions } from "#components/apps/app-actions";
import { AppStatus } from "#components/apps/app-table";
import { exactMinute } from "#components/format/time";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Callout } from "#components/ui/callout";
import { appFormOptions } from "#lib/portal/apps/app-form-options";
import { getApp } from "#lib/services/apps/get-app";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import { deleteAppAction, rotateAppAction, updateAppAction } from "../actions";
import { AppDetails } from "./app-details";

export const metadata: Metadata = { title: "App" };

export default async function AppPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/apps/${encodeURIComponent(id)}`);
  const app = await orNotFound(getApp(ctx, { id }));
  const options = await appFormOptions(ctx);
  return (
    <>
      <DetailHeader
        back={{ href: "/apps", label: "Apps" }}
        title={app.name}
        badge={<AppStatus app={app} />}
        idLabel="app ID"
        id={app.id}
      >
        {options ? (
          <AppActions
            app={app}
            options={options}
            actions={{ update: updateAppAction, rotate: rotateAppAction, remove: deleteAppAction }}
          />
        ) : null}
      </DetailHeader>
      {app.previous_secret_expires_at ? (
        <Callout tone="wait" className="mb-4">
          The previous secret works until {exactMinute(app.previous_secret_expires_at)}.
        </Callout>
      ) : null}
      <Streamed id={app.id} fallback={<DetailSkeleton what="the app" />}>
        <AppDetails ctx={ctx} app={app} models={options?.models ?? []} />
      </Streamed>
    </>
  );
}
