"use client";

import { Failure } from "#components/shell/failure";

type Props = { error: unknown; retry: () => void };

export default function RootError({ error, retry }: Props) {
  return (
    <main className="flex min-h-dvh items-center justify-center">
      <Failure error={error} retry={retry} />
    </main>
  );
}
