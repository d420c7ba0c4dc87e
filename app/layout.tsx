import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { ResultHost } from "#components/dialogs/result-host";
import { THEME_COOKIE, themeOf } from "#components/shell/theme";
import { Toaster } from "#components/ui/toast";
import { Tooltips } from "#components/ui/tooltip";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Tollgate", template: "%s · Tollgate" },
  description: "An LLM gateway where every token is authorized, paid for and accounted for.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f4f8f8" },
    { media: "(prefers-color-scheme: dark)", color: "#0a0f11" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      data-theme={theme === "system" ? undefined : theme}
      suppressHydrationWarning
    >
      <body>
        <NuqsAdapter>
          <ResultHost>{children}</ResultHost>
          <Toaster />
          <Tooltips />
        </NuqsAdapter>
      </body>
    </html>
  );
}
