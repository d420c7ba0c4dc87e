import { z } from "zod";
import type { AdminToken as AdminTokenDto } from "#lib/services/admin-tokens/admin-token";
import type { CreatedAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import type { Key, NewKey } from "#lib/services/keys/key";
import type { Metrics as MetricsDto } from "#lib/services/metrics/read-metrics";
import type { Model as ModelDto } from "#lib/services/models/model";
import type { Organization as OrganizationDto } from "#lib/services/organizations/organization";
import type { Provider as ProviderDto } from "#lib/services/providers/provider";
import type { ProviderTest as ProviderTestDto } from "#lib/services/providers/test-provider";
import type { ProviderUsage as ProviderUsageDto } from "#lib/services/reconcile/provider-usage";
import type { Reconciliation as ReconciliationDto } from "#lib/services/reconcile/reconcile";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import type { ScopeUsage } from "#lib/services/usage/scope-usage";
import type { ExpirySync } from "#lib/services/users/sync-all-expiry";
import type { SyncedUser } from "#lib/services/users/sync-expiry";
import type { User as UserDto } from "#lib/services/users/user";

/*
 * What the Admin API answers: the services' DTOs, imported as types only, because their schemas load the
 * database's code and the CLI starts in a tenth of a second without it.
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

export const Organization = answer<OrganizationDto>()("id", "name");
export type Organization = z.output<typeof Organization>;

export const User = answer<UserDto>()("id", "email");
export type User = z.output<typeof User>;

export const ApiKey = answer<Key>()("id", "name", "key_prefix");
export type ApiKey = z.output<typeof ApiKey>;
/** With the key itself, which the API shows once. */
export const ApiKeyWithSecret = answer<NewKey>()("id", "name", "key_prefix", "key");

export const Provider = answer<ProviderDto>()("id", "name", "type");
export type Provider = z.output<typeof Provider>;
export const ProviderTest = answer<ProviderTestDto>()("healthy");

export const Model = answer<ModelDto>()("id", "name", "targets");
export type Model = z.output<typeof Model>;

export const AdminToken = answer<AdminTokenDto>()("id");
export type AdminToken = z.output<typeof AdminToken>;
/** With the token itself, which the API shows once. */
export const AdminTokenWithSecret = answer<CreatedAdminToken>()("id", "name", "token");

export const Usage = answer<ScopeUsage>()(
  "period",
  "budget",
  "requests",
  "input_tokens",
  "output_tokens",
  "cost_usd",
);
export type Usage = z.output<typeof Usage>;

export const ExpirySyncOfOne = answer<SyncedUser>()("payment_status");
export const ExpirySyncOfAll = answer<ExpirySync>()("checked", "expired");

export const Metrics = answer<MetricsDto>()(
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

export const Reconciliation = answer<ReconciliationDto>()("differences", "counters", "usage");
export const ProviderUsage = answer<ProviderUsageDto>()("data");

export const LedgerRow = answer<LedgerRequest>()("id");

/** A row that is only counted. */
export const AnyRow = answer<Identified>()("id");
/** An answer that the CLI does not read. */
export const Anything = z.unknown();
