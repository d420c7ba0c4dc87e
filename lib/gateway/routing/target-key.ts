import { type Target, targetKeyOf, targetPlaceOf } from "#lib/providers/wire";

/** A target with one of its provider's credentials: what breakers, latencies and affinity are kept by. */
export const targetKey = ({ key, providerId, credentialId, upstreamModel }: TargetName): string =>
  key ?? targetKeyOf({ providerId, credentialId, upstreamModel });

/** What names such a target. */
export type TargetName = Pick<Target, "providerId" | "credentialId" | "upstreamModel"> & {
  key?: string;
  place?: string;
};

/** A target, whatever the credentials. */
export const placeOf = ({
  place,
  providerId,
  upstreamModel,
}: Omit<TargetName, "credentialId" | "key">): string => place ?? targetPlaceOf({ providerId, upstreamModel });
