import { failedAttempt as defended, type FailedAttempt } from "#lib/gateway/pipeline/failed-attempt";

export * from "#lib/gateway/pipeline/failed-attempt";

/** Without the defence: an error costs nothing, whatever usage it reports. */
export function failedAttempt(...what: Parameters<typeof defended>): FailedAttempt {
  const failed = defended(...what);
  return failed.reported === null ? failed : { ...failed, reported: null, bills: "nothing" };
}
