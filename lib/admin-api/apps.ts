import { App, NewApp } from "#lib/services/apps/app";
import { appUsage } from "#lib/services/apps/app-usage";
import { CreateAppInput, createApp } from "#lib/services/apps/create-app";
import { deleteApp } from "#lib/services/apps/delete-app";
import { AppId, getApp } from "#lib/services/apps/get-app";
import { ListAppsQuery, listApps } from "#lib/services/apps/list-apps";
import { RotateAppInput, rotateApp } from "#lib/services/apps/rotate-app";
import { UpdateAppInput, updateApp } from "#lib/services/apps/update-app";
import { pageOf } from "#lib/services/page";
import { ScopeUsage } from "#lib/services/usage/scope-usage";
import { type Operation, operation } from "./operation";

const tag = "Apps";

export const appOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/apps",
    summary: "Create an app",
    description:
      "An internal service that calls with `x-gateway-secret` (its secret, in this answer only), `x-app-id` (its id or external id) and, on behalf of a user of its organization, `x-user-oid` (their external id).",
    tag,
    status: 201,
    input: CreateAppInput,
    output: NewApp,
    idempotent: true,
    run: createApp,
  }),
  operation({
    method: "GET",
    path: "/apps",
    summary: "List apps",
    tag,
    status: 200,
    input: ListAppsQuery,
    output: pageOf(App),
    run: listApps,
  }),
  operation({
    method: "GET",
    path: "/apps/{id}",
    summary: "Read an app",
    tag,
    status: 200,
    input: AppId,
    output: App,
    run: getApp,
  }),
  operation({
    method: "PATCH",
    path: "/apps/{id}",
    summary: "Change an app",
    description: "What is left out stays as it is; null removes. It counts from the app's next request on.",
    tag,
    status: 200,
    input: UpdateAppInput,
    output: App,
    run: updateApp,
  }),
  operation({
    method: "DELETE",
    path: "/apps/{id}",
    summary: "Delete an app",
    description: "What it has used stays in the ledger, under its id.",
    tag,
    status: 204,
    input: AppId,
    run: deleteApp,
  }),
  operation({
    method: "POST",
    path: "/apps/{id}/rotate",
    summary: "Give an app a new secret",
    description:
      "The old one works for `grace_seconds` more, at most 30 days; one that was rotated away before ends at once.",
    tag,
    status: 200,
    input: RotateAppInput,
    output: NewApp,
    idempotent: true,
    run: rotateApp,
  }),
  operation({
    method: "GET",
    path: "/apps/{id}/usage",
    summary: "Read what an app has used",
    description: "In its budget's period, or in the current month without one.",
    tag,
    status: 200,
    input: AppId,
    output: ScopeUsage,
    run: appUsage,
  }),
];
