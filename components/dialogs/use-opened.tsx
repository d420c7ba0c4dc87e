"use client";

import { useRouter } from "next/navigation";
import { showDone } from "#components/ui/toast";

/** What to do once something was created: say so, and open its page. */
export function useOpened(said: string, pageOf: (id: string) => string): (created: { id: string }) => void {
  const router = useRouter();
  return ({ id }) => {
    showDone(said);
    router.push(pageOf(id));
  };
}
