"use client";

import { Failure } from "#components/shell/failure";

type Props = { error: unknown; retry: () => void };

/** Inside the shell, so that the navigation stays. */
export default function PortalError({ error, retry }: Props) {
  return <Failure error={error} retry={retry} />;
}
