"use client";

import { Failure, type FailureProps } from "#components/shell/failure";

/** Inside the shell, so that the navigation stays. */
export default function PortalError(props: FailureProps) {
  return <Failure {...props} />;
}
