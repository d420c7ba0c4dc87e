"use client";

import { Failure } from "#components/shell/failure";

type Props = { error: unknown; retry: () => void };

/** Within the shell: the navigation stays. */
export default function PortalError({ error, retry }: Props) {
  return <Failure error={error} retry={retry} />;
}
