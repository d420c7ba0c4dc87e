"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { RadioGroup } from "radix-ui";
import { useState } from "react";
import { cn } from "#components/ui/cn";
import { THEME_COOKIE, type Theme, themeOf } from "./theme";

const CHOICES = [
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "system", label: "System", Icon: Monitor },
  { theme: "dark", label: "Dark", Icon: Moon },
] as const;

const YEAR_S = 31_536_000;

/** Stores the theme in a cookie, which the server renders on the next page, so that nothing flashes. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const choose = (value: string) => {
    const chosen = themeOf(value);
    setTheme(chosen);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${THEME_COOKIE}=${chosen}; path=/; max-age=${YEAR_S}; samesite=lax`;
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  };
  return (
    <RadioGroup.Root
      value={theme}
      onValueChange={choose}
      orientation="horizontal"
      aria-label="Theme"
      className="inline-flex rounded-md border bg-sunken p-0.5"
    >
      {CHOICES.map(({ theme: value, label, Icon }) => (
        <RadioGroup.Item
          key={value}
          value={value}
          aria-label={label}
          title={label}
          className={cn(
            "flex h-6 w-8 items-center justify-center rounded-sm text-ink-3 transition-colors hover:text-ink",
            "data-[state=checked]:bg-knob data-[state=checked]:text-ink data-[state=checked]:shadow-panel",
          )}
        >
          <Icon className="size-3.5" aria-hidden="true" />
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
