"use client";

import { Failure, type FailureProps } from "#components/shell/failure";

export default function RootError(props: FailureProps) {
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <Failure {...props} />
    </main>
  );
}
