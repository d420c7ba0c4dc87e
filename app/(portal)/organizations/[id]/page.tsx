import type { Metadata } from "next";
import { OrganizationActions } from "#components/organizations/organization-actions";
import { OrganizationStatus } from "#components/organizations/organization-table";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Callout } from "#components/ui/callout";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { countUsers } from "#lib/portal/organizations/organization-table";
import { getOrganization } from "#lib/services/organizations/get-organization";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import {
  adjustOrganizationAction,
  deleteOrganizationAction,
  resumeOrganizationAction,
  suspendOrganizationAction,
  updateOrganizationAction,
} from "../actions";
import { OrganizationDetails } from "./organization-details";

export const metadata: Metadata = { title: "Organization" };

export default async function OrganizationPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/organizations/${encodeURIComponent(id)}`);
  const { role } = ctx.actor;
  const organization = await orNotFound(getOrganization(ctx, { id }));
  const users = (await countUsers(ctx, [organization.id])).get(organization.id) ?? 0;
  return (
    <>
      <DetailHeader
        back={role === "admin" ? { href: "/organizations", label: "Organizations" } : null}
        title={organization.name}
        badge={<OrganizationStatus organization={organization} />}
        idLabel="organization ID"
        id={organization.id}
      >
        {role === "viewer" ? null : (
          <OrganizationActions
            organization={organization}
            users={users}
            role={role}
            models={await enabledModelNames(ctx)}
            actions={{
              adjust: adjustOrganizationAction,
              update: updateOrganizationAction,
              suspend: suspendOrganizationAction,
              resume: resumeOrganizationAction,
              remove: deleteOrganizationAction,
            }}
          />
        )}
      </DetailHeader>
      {organization.status === "suspended" ? (
        <Callout tone="wait" className="mb-4">
          This organization is suspended. Requests with its keys and apps are rejected.
        </Callout>
      ) : null}
      <Streamed id={organization.id} fallback={<DetailSkeleton what="the organization" />}>
        <OrganizationDetails ctx={ctx} organization={organization} users={users} />
      </Streamed>
    </>
  );
}
