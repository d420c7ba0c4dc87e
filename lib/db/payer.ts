import type { Period } from "./schema/columns";

/**
 * Who pays for a request: each id is a scope with its own counters, one per period. The versions are those the rows
 * were read in; the hold compares them.
 */
export type Payer = {
  organizationId: string;
  organizationPeriod: Period;
  organizationVersion: number;
  userId: string | null;
  userPeriod: Period;
  userVersion: number | null;
  apiKeyId: string | null;
  apiKeyPeriod: Period;
  apiKeyVersion: number | null;
  appId: string | null;
  appPeriod: Period;
  appVersion: number | null;
  tags: readonly string[];
  /** Of its metadata in `metadata_sets`; null without any. */
  metadataId: string | null;
};
