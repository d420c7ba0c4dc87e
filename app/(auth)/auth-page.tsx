import type { ReactNode } from "react";
import { HoldIllustration } from "#components/brand/hold-illustration";
import { Logo } from "#components/brand/logo";

/** The frame of the pages for people who are not signed in. */
export const AuthPage = ({ title, lead, children }: { title: string; lead: string; children: ReactNode }) => (
  <div className="grid min-h-dvh lg:grid-cols-[minmax(26rem,5fr)_6fr]">
    <main className="flex flex-col px-6 py-6 sm:px-10 sm:py-8">
      <Logo />
      <div className="m-auto w-full max-w-88 pt-8 pb-20">
        <h1 className="font-semibold text-2xl text-ink">{title}</h1>
        <p className="mt-1.5 mb-8 text-ink-2 text-sm">{lead}</p>
        {children}
        <noscript>
          <p className="mt-4 text-danger text-sm">Sign-in requires JavaScript.</p>
        </noscript>
      </div>
    </main>
    {/* Always in dark colors. */}
    <aside className="relative hidden overflow-hidden bg-[oklch(0.262_0.043_208)] [color-scheme:dark] lg:block">
      <div
        className="absolute inset-0 bg-[radial-gradient(85%_65%_at_75%_15%,oklch(0.43_0.075_200/0.6),transparent)]"
        aria-hidden="true"
      />
      <div className="relative flex h-full flex-col justify-center p-16">
        <HoldIllustration />
      </div>
    </aside>
  </div>
);
