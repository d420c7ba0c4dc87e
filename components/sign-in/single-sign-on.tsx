"use client";

import { KeyRound } from "lucide-react";
import { signIn } from "next-auth/react";
import { useEffect, useState } from "react";
import { Button } from "#components/ui/button";

type Props = {
  to: string;
  /** What to do before the page is left. */
  before?: () => Promise<void>;
  onFailure: (message: string) => void;
};

/** Opens the issuer's page, which returns to `to`, a path of this portal. */
export function SingleSignOn({ to, before, onFailure }: Props) {
  const [pending, setPending] = useState(false);
  useEffect(() => {
    // The browser's back button restores the page as it was, with the button still pending.
    const comeBack = () => setPending(false);
    window.addEventListener("pageshow", comeBack);
    return () => window.removeEventListener("pageshow", comeBack);
  }, []);
  const leave = async () => {
    setPending(true);
    try {
      await before?.();
      await signIn("oidc", { callbackUrl: to });
    } catch {
      setPending(false);
      onFailure("Unable to reach the portal. Please try again.");
    }
  };
  return (
    <div className="flex flex-col gap-5">
      <Button size="lg" pending={pending} onClick={leave}>
        {pending ? null : <KeyRound aria-hidden="true" />}
        Continue with single sign-on
      </Button>
      <div className="flex items-center gap-3 text-ink-3 text-xs">
        <span className="h-px grow bg-line" aria-hidden="true" />
        or
        <span className="h-px grow bg-line" aria-hidden="true" />
      </div>
    </div>
  );
}
