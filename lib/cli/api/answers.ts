import { z } from "zod";
import type { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import type { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import type { listAdminTokens } from "#lib/services/admin-tokens/list-admin-tokens";
import type { getApp } from "#lib/services/apps/get-app";
import type { rotateEncryptionKey } from "#lib/services/encryption-key/rotate-encryption-key";
import type { createKey } from "#lib/services/keys/create-key";
import type { createOrMoveKey } from "#lib/services/keys/create-or-move-key";
import type { getKey } from "#lib/services/keys/get-key";
import type { readMetrics } from "#lib/services/metrics/read-metrics";
import type { explainModelRequest } from "#lib/services/models/explain-request";
import type { getModel } from "#lib/services/models/get-model";
import type { readNotice } from "#lib/services/notices/read-notice";
import type { getOrganization } from "#lib/services/organizations/get-organization";
import type { organizationUsage } from "#lib/services/organizations/organization-usage";
import type { getProvider } from "#lib/services/providers/get-provider";
import type { listProviderModels } from "#lib/services/providers/list-provider-models";
import type { providerPrice } from "#lib/services/providers/provider-price";
import type { testProvider } from "#lib/services/providers/test-provider";
import type { providerUsage } from "#lib/services/reconcile/provider-usage";
import type { reconcile } from "#lib/services/reconcile/reconcile";
import type { getRejection } from "#lib/services/rejections/get-rejection";
import type { listRejections } from "#lib/services/rejections/list-rejections";
import type { getRequest } from "#lib/services/requests/get-request";
import type { usageReport } from "#lib/services/usage/usage-report";
import type { getUser } from "#lib/services/users/get-user";
import type { inviteUser } from "#lib/services/users/invite-user";
import type { syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import type { syncExpiry } from "#lib/services/users/sync-expiry";
import type { OutputOf } from "#lib/services/verb";
import type { createWebhook } from "#lib/services/webhooks/create-webhook";
import type { getWebhook } from "#lib/services/webhooks/get-webhook";
import type { replayDelivery } from "#lib/services/webhooks/replay-delivery";

/*
 * What the Admin API answers: the outputs of the services' verbs, imported as types only, because the verbs load
 * the database's code and the CLI starts in a tenth of a second without it.
 */

/** Anything that has an id. */
export type Identified = { id: string };

/**
 * A schema for `Dto`. A server of another version may leave out fields and add others, so only the `needed`
 * ones are checked and the rest may be missing.
 */
const answer =
  <Dto extends object>() =>
  <Needed extends keyof Dto & string>(...needed: readonly Needed[]) =>
    z.custom<Pick<Dto, Needed> & Partial<Dto>>((value) => missingIn(value, needed) === undefined, {
      error: ({ input }) => `${missingIn(input, needed)} is missing`,
    });

function missingIn(value: unknown, needed: readonly string[]): string | undefined {
  if (typeof value !== "object" || value === null) return "an object";
  const present = new Map(Object.entries(value));
  return needed.find((name) => present.get(name) === undefined);
}

export const Organization = answer<OutputOf<typeof getOrganization>>()("id", "name");
export type Organization = z.output<typeof Organization>;

export const User = answer<OutputOf<typeof getUser>>()("id", "email");
export type User = z.output<typeof User>;
export const Invite = answer<OutputOf<typeof inviteUser>>()("url", "expires_at");

export const Adjustment = answer<OutputOf<typeof createAdjustment>>()("id", "amount_usd");

export const ApiKey = answer<OutputOf<typeof getKey>>()("id", "name", "key_prefix");
export type ApiKey = z.output<typeof ApiKey>;
/** With the key itself, which the API shows once. */
export const ApiKeyWithSecret = answer<OutputOf<typeof createKey>>()("id", "name", "key_prefix", "key");
/** Null of one that was given by its digest. */
export const CreatedApiKey = answer<OutputOf<typeof createOrMoveKey>>()("id", "name", "key_prefix", "key");

export const Provider = answer<OutputOf<typeof getProvider>>()("id", "name", "type");
export type Provider = z.output<typeof Provider>;
export const ProviderModels = answer<OutputOf<typeof listProviderModels>>()("data");
export const ProviderPrice = answer<OutputOf<typeof providerPrice>>()("price");
export const ProviderTest = answer<OutputOf<typeof testProvider>>()("healthy");

export const Model = answer<OutputOf<typeof getModel>>()("id", "name", "targets");
export type Model = z.output<typeof Model>;
export const Explanation = answer<OutputOf<typeof explainModelRequest>>()("scopes", "targets", "decision");
export type Explanation = z.output<typeof Explanation>;

export const App = answer<OutputOf<typeof getApp>>()("id", "name");
export type App = z.output<typeof App>;

export const AdminToken = answer<OutputOf<typeof listAdminTokens>["data"][number]>()("id");
export type AdminToken = z.output<typeof AdminToken>;
/** With the token itself, which the API shows once. */
export const AdminTokenWithSecret = answer<OutputOf<typeof createAdminToken>>()("id", "name", "token");

export const Webhook = answer<OutputOf<typeof getWebhook>>()("id", "url");
export type Webhook = z.output<typeof Webhook>;
/** With its secret, which the API shows once. */
export const WebhookWithSecret = answer<OutputOf<typeof createWebhook>>()("id", "url", "secret");
export const Delivery = answer<OutputOf<typeof replayDelivery>>()("id", "event_id", "type", "status");
export type Delivery = z.output<typeof Delivery>;

export const Notice = answer<OutputOf<typeof readNotice>>()("id", "message");
export type Notice = z.output<typeof Notice>;

export const Usage = answer<OutputOf<typeof organizationUsage>>()(
  "period",
  "budget",
  "requests",
  "input_tokens",
  "output_tokens",
  "cost_usd",
);
export type Usage = z.output<typeof Usage>;

export const UsageReport = answer<OutputOf<typeof usageReport>>()("data");
export type UsageReport = z.output<typeof UsageReport>;

export const ExpirySyncOfOne = answer<OutputOf<typeof syncExpiry>>()("payment_status");
export const ExpirySyncOfAll = answer<OutputOf<typeof syncAllExpiry>>()("checked", "expired");

export const Metrics = answer<OutputOf<typeof readMetrics>>()(
  "total_requests",
  "requests_by_provider",
  "average_response_ms",
  "uptime_seconds",
  "users",
  "organizations",
  "api_keys",
  "top_users",
);
export type Metrics = z.output<typeof Metrics>;

export const Reconciliation = answer<OutputOf<typeof reconcile>>()("differences", "counters", "usage");
export const ProviderUsage = answer<OutputOf<typeof providerUsage>>()("data");

export const KeyRotation = answer<OutputOf<typeof rotateEncryptionKey>>()("done", "resealed", "unreadable");

export const LedgerRow = answer<OutputOf<typeof getRequest>>()("id");
export type LedgerRow = z.output<typeof LedgerRow>;

/** Rejections of one kind within an hour. */
export const RejectionGroup = answer<OutputOf<typeof listRejections>["data"][number]>()(
  "id",
  "code",
  "count",
);
export type RejectionGroup = z.output<typeof RejectionGroup>;

export const RejectedRequest = answer<OutputOf<typeof getRejection>>()("id");
export type RejectedRequest = z.output<typeof RejectedRequest>;

/** A row that is only counted. */
export const AnyRow = answer<Identified>()("id");
/** An answer that the CLI does not read. */
export const Anything = z.unknown();
