import { appUsage } from "#lib/services/apps/app-usage";
import { createApp } from "#lib/services/apps/create-app";
import { deleteApp } from "#lib/services/apps/delete-app";
import { getApp } from "#lib/services/apps/get-app";
import { listApps } from "#lib/services/apps/list-apps";
import { rotateApp } from "#lib/services/apps/rotate-app";
import { updateApp } from "#lib/services/apps/update-app";
import { type Operation, operation } from "./operation";

const tag = "Apps";

export const appOperations: readonly Operation[] = [
  operation("POST /apps", createApp, {
    tag,
    summary: "Create an app",
    description:
      "An internal service that sends requests with `x-gateway-secret` (its secret, only in this answer), `x-app-id` (its id or external id) and, on behalf of a user of its organization, `x-user-oid` (the user's external id).",
  }),
  operation("GET /apps", listApps, {
    tag,
    summary: "List apps",
  }),
  operation("GET /apps/{id}", getApp, {
    tag,
    summary: "Get an app",
  }),
  operation("PATCH /apps/{id}", updateApp, {
    tag,
    summary: "Update an app",
    description:
      "Fields that are left out keep their values; `null` removes a value. Takes effect on the app's next request.",
  }),
  operation("DELETE /apps/{id}", deleteApp, {
    tag,
    summary: "Delete an app",
    description: "The ledger keeps its usage under its id.",
  }),
  operation("POST /apps/{id}/rotate", rotateApp, {
    tag,
    summary: "Rotate an app's secret",
    description:
      "Creates a new secret. The old one works for another `grace_seconds`, at most 30 days; one from an earlier rotation stops working at once.",
    idempotent: true,
  }),
  operation("GET /apps/{id}/usage", appUsage, {
    tag,
    summary: "Get an app's usage",
    description: "In its budget's current period, or in the current month without a budget.",
  }),
];
