import type { Target } from "#lib/providers/wire";

/** A target with one of its provider's credentials: what breakers, latencies and affinity are kept by. */
export const targetKey = ({ providerId, credentialId, upstreamModel }: TargetName): string =>
  `${providerId} ${credentialId} ${upstreamModel}`;

/** What names such a target. */
export type TargetName = Pick<Target, "providerId" | "credentialId" | "upstreamModel">;

/** A target, whatever the credentials. */
export const placeOf = ({ providerId, upstreamModel }: Omit<TargetName, "credentialId">): string =>
  `${providerId} ${upstreamModel}`;
